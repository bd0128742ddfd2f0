# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of objects of the scene, alone and from named sides, rendered by a second Blender."""
