# SPDX-License-Identifier: GPL-3.0-or-later
"""Other Blenders, which do what would keep this one waiting or could take it down: started, told, confined, ended."""
