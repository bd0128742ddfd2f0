# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh file into the scene, whole or not at all."""
