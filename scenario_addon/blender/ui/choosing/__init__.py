# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of models to choose from, in a popup."""

from . import popup

__all__ = ["register", "unregister"]


def register() -> None:
    popup.register()


def unregister() -> None:
    popup.unregister()
