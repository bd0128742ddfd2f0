# SPDX-License-Identifier: GPL-3.0-or-later
"""How a model's inputs read: what they and their values are called, and sets of values under a name."""
