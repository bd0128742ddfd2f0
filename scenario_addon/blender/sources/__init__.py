# SPDX-License-Identifier: GPL-3.0-or-later
"""Where pictures come from: which are meant, what they show, and each taken as a file."""
