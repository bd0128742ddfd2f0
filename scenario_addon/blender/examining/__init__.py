# SPDX-License-Identifier: GPL-3.0-or-later
"""What only Blender can find out for ``doctor``: of itself, of another one, and of what that one reads."""
