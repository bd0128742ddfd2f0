# SPDX-License-Identifier: GPL-3.0-or-later
"""What people give to a batch, found, checked and kept until it is made."""
