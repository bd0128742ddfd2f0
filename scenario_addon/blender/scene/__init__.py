# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh as objects of a scene: where it stands, how it is shown and found again."""
