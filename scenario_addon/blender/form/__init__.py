# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist chooses, saved with the scene: the settings, and a form for any model's parameters."""
