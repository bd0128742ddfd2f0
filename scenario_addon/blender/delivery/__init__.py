# SPDX-License-Identifier: GPL-3.0-or-later
"""Which scene a job belongs to, and when and how its mesh comes into it."""
