# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of models to choose from, in a popup."""
