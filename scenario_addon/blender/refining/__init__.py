# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes back when a mesh was given to a model: in its place, with what it was made of kept."""
