# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests: engine and Blender, the stand-in service, and the installed extension."""
