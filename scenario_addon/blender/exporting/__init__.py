# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes of the scene as files that a model takes, exported by a second Blender."""
