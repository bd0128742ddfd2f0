# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting times and limits of the code, made so small that a test meets them at once.

They are the code's own affair, and no test is about their names: but a test that waited for half a minute, or wrote as
many bytes as no disk has, would be worth less. Numbers are all that is changed here; behaviour stays the code's.
"""

from __future__ import annotations

import os
from types import ModuleType

import pytest

__all__ = ["LONG", "shorten"]

LONG = pytest.mark.skipif("SCENARIO_LONG_TESTS" not in os.environ, reason="takes minutes: set SCENARIO_LONG_TESTS")
"""For a test at a size that only a whole night would have."""


def shorten(monkeypatch: pytest.MonkeyPatch, module: ModuleType, **limits: float) -> None:
    """Give constants of a module other values until the test ends."""
    for name, value in limits.items():
        assert isinstance(getattr(module, name), int | float), f"{name} is not a number"
        monkeypatch.setattr(module, name, value)
