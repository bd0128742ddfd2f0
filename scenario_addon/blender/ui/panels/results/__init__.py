# SPDX-License-Identifier: GPL-3.0-or-later
"""What came out, told apart: results by what they were made of, each with its picture and what can be done with it."""
