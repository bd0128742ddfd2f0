# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension as it is given away: its wheels, their licences, a zip for each platform, and an index of them."""
