# SPDX-License-Identifier: GPL-3.0-or-later
"""The Blender side: the only folder that imports ``bpy``. What it registers is listed here, in order."""

from __future__ import annotations

import signal
import threading

from . import command
from .form import properties
from .ui import choosing, handlers, making, menus, operators, panels, preferences, refining, results

__all__ = ["register", "unregister"]

_MODULES = (properties, preferences, handlers, operators, choosing, making, refining, results, panels, menus, command)


def register() -> None:
    """Register every module of the Blender side, in order."""
    _outlive_broken_pipes()
    for module in _MODULES:
        module.register()


def unregister() -> None:
    """Unregister them in the opposite order."""
    for module in reversed(_MODULES):
        module.unregister()


def _outlive_broken_pipes() -> None:
    """Have it be an error, as in every other Python, to write to a process or a host that has gone.

    Blender 4 leaves the signal as the system has it, which ends Blender with all that is not saved.
    """
    pipe = getattr(signal, "SIGPIPE", None)  # Windows has none
    is_main = threading.current_thread() is threading.main_thread()
    if pipe is not None and is_main and signal.getsignal(pipe) is signal.SIG_DFL:
        signal.signal(pipe, signal.SIG_IGN)
