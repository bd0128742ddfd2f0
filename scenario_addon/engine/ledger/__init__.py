# SPDX-License-Identifier: GPL-3.0-or-later
"""A job, and the ledger that survives everything."""
