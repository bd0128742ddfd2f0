# SPDX-License-Identifier: GPL-3.0-or-later
"""What was made elsewhere, in Blender: the list of it, kept, and each brought into the scene for nothing."""
