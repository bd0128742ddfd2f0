# SPDX-License-Identifier: GPL-3.0-or-later
"""A finished job's files, brought onto the disk and checked."""
