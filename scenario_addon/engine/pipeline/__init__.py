# SPDX-License-Identifier: GPL-3.0-or-later
"""A job's life, a step at a time: what it costs, what may be spent, and who carries it."""
