# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a surface, counted and mended: loose pieces, holes, faces that are inside out."""
