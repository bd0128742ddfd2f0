# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written of a whole run, at its end."""
