# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a picture is the subject and what the ground around it; on arrays of pixels, without Blender."""
