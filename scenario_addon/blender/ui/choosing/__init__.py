# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists to choose from, in popups: the models, and what was made elsewhere."""

from . import made_popup, popup

__all__ = ["register", "unregister"]


def register() -> None:
    popup.register()
    made_popup.register()


def unregister() -> None:
    made_popup.unregister()
    popup.unregister()
