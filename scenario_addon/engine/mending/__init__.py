# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes a glTF usable: what is at fault is found, and left out where the rest can do without."""
