# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist has chosen for a mesh that a model is to change."""
