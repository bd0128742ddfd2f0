# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mesh file is that somebody gives, by its content alone, and whether a model takes it."""
