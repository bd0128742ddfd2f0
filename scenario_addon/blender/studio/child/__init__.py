# SPDX-License-Identifier: GPL-3.0-or-later
"""What the other Blender does: it builds a scene with the subject alone, and renders it."""
