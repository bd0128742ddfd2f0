# SPDX-License-Identifier: GPL-3.0-or-later
"""Many items: what was ordered or made before, and how they come to an end."""
