# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose the key is, what is left of what was bought, and what was spent here."""
