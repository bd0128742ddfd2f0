# SPDX-License-Identifier: GPL-3.0-or-later
"""What Blender's operators take for the scene at hand."""
