# SPDX-License-Identifier: GPL-3.0-or-later
"""What a picture file is, by its content alone."""
