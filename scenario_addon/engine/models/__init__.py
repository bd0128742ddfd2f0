# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service's models take, and whether a picture and a request fit."""
