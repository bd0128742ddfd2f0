# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a picture that shows nothing, whoever has looked at its pixels."""

from __future__ import annotations

from ..errors import PictureError

__all__ = ["all_transparent", "one_colour"]


def all_transparent(name: str) -> PictureError:
    """Nothing can be made of it, whatever it is for.

    :param name: what the user calls the picture.
    """
    return PictureError(f"{name} is transparent everywhere: choose a picture that shows something.")


def one_colour(name: str) -> PictureError:
    """No subject is to be seen in it; as a sample of a colour it may do."""
    return PictureError(f"{name} is of one colour everywhere: choose a picture that shows something.")
