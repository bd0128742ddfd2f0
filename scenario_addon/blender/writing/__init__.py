# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command line gets of meshes as files: a .blend each or a kit, previews; in several Blenders at once."""
