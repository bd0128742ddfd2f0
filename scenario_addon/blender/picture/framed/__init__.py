# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of the subject alone: cropped to it, cut out, seen through the scene's camera."""
