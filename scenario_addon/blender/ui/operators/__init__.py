# SPDX-License-Identifier: GPL-3.0-or-later
"""What the buttons do. An operator translates, hands over and reports; the work is elsewhere."""

from . import generate, jobs, ledger, pictures, settings, sources, views

__all__ = ["register", "unregister"]


def register() -> None:
    for module in (generate, sources, pictures, jobs, views, ledger, settings):
        module.register()


def unregister() -> None:
    for module in (settings, ledger, views, jobs, pictures, sources, generate):
        module.unregister()
