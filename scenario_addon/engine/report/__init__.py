# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of each item, told while it goes on: as data for other programs, as a log, and in numbers."""
