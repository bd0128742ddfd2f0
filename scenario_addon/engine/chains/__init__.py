# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows a job by itself."""
