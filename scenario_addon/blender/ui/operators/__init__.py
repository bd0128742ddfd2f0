# SPDX-License-Identifier: GPL-3.0-or-later
"""What the buttons do. An operator translates, hands over and reports; the work is elsewhere."""

from . import generate, ledger, pictures, presets, settings, sources, then

__all__ = ["register", "unregister"]


def register() -> None:
    for module in (generate, sources, pictures, ledger, settings, presets, then):
        module.register()


def unregister() -> None:
    for module in (then, presets, settings, ledger, pictures, sources, generate):
        module.unregister()
