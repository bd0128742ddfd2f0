# SPDX-License-Identifier: GPL-3.0-or-later
"""The service: its records, one method per endpoint, and what its refusals say."""
