# SPDX-License-Identifier: GPL-3.0-or-later
"""What the buttons do. An operator translates, hands over and reports; the work is elsewhere."""

from . import generate, jobs, settings

__all__ = ["register", "unregister"]


def register() -> None:
    for module in (generate, jobs, settings):
        module.register()


def unregister() -> None:
    for module in (settings, jobs, generate):
        module.unregister()
