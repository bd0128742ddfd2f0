# SPDX-License-Identifier: GPL-3.0-or-later
"""A contact sheet: pictures, and beside each what was made of it."""
