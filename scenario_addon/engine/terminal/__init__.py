# SPDX-License-Identifier: GPL-3.0-or-later
"""Who sits before it: what they see of all this, and how they end it."""
