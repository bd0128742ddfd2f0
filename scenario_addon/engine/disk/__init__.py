# SPDX-License-Identifier: GPL-3.0-or-later
"""What a folder is on, and whose turn it is where several machines reach it."""
