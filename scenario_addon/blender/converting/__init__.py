# SPDX-License-Identifier: GPL-3.0-or-later
"""The second Blender, which reads mesh files so that the artist's only appends."""
