# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sides of a subject are called."""

from typing import Final

__all__ = ["VIEWS"]

VIEWS: Final = ("front", "left", "right", "back", "top", "bottom", "left-front", "right-front")
"""The sides of a subject, in the order in which a model that takes a plain list gets them."""
