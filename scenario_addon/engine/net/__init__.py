# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes to and from a host: on time, no more than is meant, and what it means when they do not come."""
