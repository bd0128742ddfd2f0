# SPDX-License-Identifier: GPL-3.0-or-later
"""What Blender calls: operators, panels, preferences, handlers and the timer."""
