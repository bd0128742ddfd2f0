# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to a mesh and its textures."""
