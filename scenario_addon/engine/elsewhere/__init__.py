# SPDX-License-Identifier: GPL-3.0-or-later
"""What was made elsewhere: in the service's own pages, by a colleague, on another machine. All of it costs nothing."""
