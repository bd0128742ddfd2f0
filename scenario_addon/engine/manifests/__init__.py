# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of rows that people, spreadsheets and programs write."""
