# SPDX-License-Identifier: GPL-3.0-or-later
"""Having a model make a picture, which is the source then: the form in a popup, and the way back."""

from . import menu, operator

__all__ = ["register", "unregister"]


def register() -> None:
    operator.register()
    menu.register()


def unregister() -> None:
    menu.unregister()
    operator.unregister()
