# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left and what was spent, as panels need it."""
