# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``scripts/bench.py`` is made of: samples, Blenders, probes that run inside them, measurements, figures."""
