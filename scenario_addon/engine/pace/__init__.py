# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast it goes: time as the runner sees it, its threads, and how many jobs may be at the service."""
