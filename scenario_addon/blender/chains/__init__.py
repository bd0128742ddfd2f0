# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to happen to a mesh by itself once it is there: chosen, priced and ordered together with it."""
