# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the service and its pages are, and what it calls the sides of a subject: all that enabling needs of it."""

from __future__ import annotations

from typing import Final

__all__ = ["ACCOUNT_PAGE", "DEFAULT_BASE_URL", "HELP_PAGE", "KEY_PAGE", "VIEWS", "VIEW_NAMES", "WEBSITE"]

DEFAULT_BASE_URL: Final = "https://api.cloud.scenario.com/v1"
WEBSITE: Final = "https://www.scenario.com"
ACCOUNT_PAGE: Final = "https://app.scenario.com"
KEY_PAGE: Final = "https://help.scenario.com/en/articles/creating-an-api-key"
"""How to create an API key, step by step."""
HELP_PAGE: Final = "https://help.scenario.com"
VIEWS: Final = ("front", "left", "right", "back", "top", "bottom", "left-front", "right-front")
VIEW_NAMES: Final = {
    "front": "Front",
    "left": "Left",
    "right": "Right",
    "back": "Back",
    "top": "Top",
    "bottom": "Bottom",
    "left-front": "Left Front",
    "right-front": "Right Front",
}
"""As labels have them."""
"""The sides of a subject, in the order in which a model that takes a plain list gets them."""
