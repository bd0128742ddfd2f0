# SPDX-License-Identifier: GPL-3.0-or-later
"""The Scenario tab in the sidebars of the 3D viewport and the Image Editor. Draws: no I/O, no writing."""

from . import tab

__all__ = ["register", "unregister"]

register, unregister = tab.register, tab.unregister
