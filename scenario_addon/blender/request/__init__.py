# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist has chosen, as a request with its price."""
