# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the service is. A module of its own, because enabling the add-on needs nothing else of the engine's values."""

from __future__ import annotations

from typing import Final

__all__ = ["DEFAULT_BASE_URL"]

DEFAULT_BASE_URL: Final = "https://api.cloud.scenario.com/v1"
