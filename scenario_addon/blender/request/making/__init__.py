# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist has chosen for a picture that a model is to make."""
