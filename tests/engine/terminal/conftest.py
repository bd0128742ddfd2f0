# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the terminal need of the command line's."""

from tests.engine.cli.conftest import shell

__all__ = ["shell"]
