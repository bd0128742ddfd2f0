# SPDX-License-Identifier: GPL-3.0-or-later
"""What a glTF holds, checked before Blender sees it."""
