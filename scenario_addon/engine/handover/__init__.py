# SPDX-License-Identifier: GPL-3.0-or-later
"""What an item gets of a job that is through: its file where it is wanted, and what is written of it besides."""
