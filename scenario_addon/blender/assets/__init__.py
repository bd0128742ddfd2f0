# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh as an asset: found again by its picture, its tags and what it was made from."""
