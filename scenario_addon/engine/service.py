# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the service is, and what it calls the sides of a subject: all that enabling the add-on needs of the values."""

from __future__ import annotations

from typing import Final

__all__ = ["DEFAULT_BASE_URL", "VIEWS"]

DEFAULT_BASE_URL: Final = "https://api.cloud.scenario.com/v1"
VIEWS: Final = ("front", "left", "right", "back", "top", "bottom", "left-front", "right-front")
"""The sides of a subject, in the order in which a model that takes a plain list gets them."""
