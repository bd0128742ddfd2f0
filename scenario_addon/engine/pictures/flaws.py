# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with a picture: its file, or that it shows nothing.

A plain ``ValueError`` says that a file makes no sense here; others may know.
"""

from __future__ import annotations

from typing import Final

from ..errors import PictureError

__all__ = ["MOST_PARTS", "DamagedError", "SizeError", "all_transparent", "check_size", "check_vast", "one_colour"]

MOST_PARTS: Final = 100_000
"""Of a file; what is made of more wants to keep its reader busy."""
_MOST_PX: Final = 1 << 30
"""Four gigabytes, once it is unpacked: more would take down whoever reads it."""
_MAX_SIDE_PX: Final = 1 << 16
"""More than most formats' headers can claim."""


class DamagedError(ValueError):
    """Something that the picture is made of is missing or spoiled: nobody can show it as it was.

    Its text says what, in words for people; without one, it is cut short.
    """


class SizeError(ValueError):
    """It claims a size that cannot be used here."""

    def __init__(self, width_px: int, height_px: int) -> None:
        super().__init__(f"{width_px} x {height_px} px")
        self.is_nothing = not (width_px and height_px)
        self.is_vast = width_px * height_px > _MOST_PX
        """Whether nobody should even try to unpack it."""


def check_size(width_px: int, height_px: int) -> None:
    """Check what a header claims, before anything is done that takes time or memory in proportion.

    :raises SizeError: it is nothing, or too much.
    """
    if not (0 < width_px < _MAX_SIDE_PX and 0 < height_px < _MAX_SIDE_PX and width_px * height_px <= _MOST_PX):
        raise SizeError(width_px, height_px)


def check_vast(width_px: int, height_px: int) -> None:
    """Check the same of a picture that others read, who know best what is nothing.

    :raises SizeError: it is more than anybody should try to unpack.
    """
    if max(width_px, 0) * max(height_px, 0) > _MOST_PX:
        raise SizeError(width_px, height_px)


def all_transparent(name: str) -> PictureError:
    """Nothing can be made of it, whatever it is for.

    :param name: what the user calls the picture.
    """
    return PictureError(f"{name} is transparent everywhere: choose a picture that shows something.")


def one_colour(name: str) -> PictureError:
    """No subject is to be seen in it; as a sample of a colour it may do."""
    return PictureError(f"{name} is of one colour everywhere: choose a picture that shows something.")
