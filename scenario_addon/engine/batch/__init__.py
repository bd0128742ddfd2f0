# SPDX-License-Identifier: GPL-3.0-or-later
"""Many items: what was ordered or made before, and what each of them gets."""
