# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in front of the artist, as a picture file."""
