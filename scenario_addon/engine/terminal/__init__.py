# SPDX-License-Identifier: GPL-3.0-or-later
"""What people see of all this on a terminal or in a log file."""
