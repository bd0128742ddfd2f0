# SPDX-License-Identifier: GPL-3.0-or-later
"""Words in a layout, by what they measure: sentences on as many lines as they need, names that are not cut."""
