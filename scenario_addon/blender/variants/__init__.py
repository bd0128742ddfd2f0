# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of one source at one place, as variants of one thing: one is shown, the others are kept."""
