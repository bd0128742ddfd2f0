# SPDX-License-Identifier: GPL-3.0-or-later
"""Having a mesh changed by a model: the form in a popup, and the menus that lead to it."""

from . import menu, operator

__all__ = ["register", "unregister"]


def register() -> None:
    operator.register()
    menu.register()


def unregister() -> None:
    menu.unregister()
    operator.unregister()
