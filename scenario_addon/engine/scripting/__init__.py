# SPDX-License-Identifier: GPL-3.0-or-later
"""For other people's Python: pictures in, meshes out, one result after the other."""
