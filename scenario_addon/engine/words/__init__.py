# SPDX-License-Identifier: GPL-3.0-or-later
"""What this says to people, in other languages than English: a catalogue each, and how a sentence is found in it."""
