# SPDX-License-Identifier: GPL-3.0-or-later
"""What hangs together, on plain arrays: of pixels and of surfaces alike."""
