# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose keys there are, and how they are kept: in a file that nobody else can read."""
