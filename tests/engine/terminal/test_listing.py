# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables whose columns stand below each other, whatever is written in them."""

from __future__ import annotations

from scenario_addon.engine.terminal.listing import table
from scenario_addon.engine.text import cells


def test_columns_stand_below_each_other_whatever_the_letters() -> None:
    rows = [("a", "x"), ("椅子🪑", "x"), ("größe", "x"), ("gro\u0308ße", "x")]
    lines = table(("NAME", "ABOUT"), rows).splitlines()[1:]
    assert {cells(line.removesuffix("x")) for line in lines} == {8}


def test_a_long_text_is_wrapped_by_the_columns_that_it_takes() -> None:
    first, *more = table(("ID", "ABOUT"), [("a", "椅" * 200)]).splitlines()[1:]
    assert all(110 < cells(line) <= 130 for line in (first, *more[:-1]))
    assert "".join((first, *more)).count("椅") == 200
    assert "\0" not in "".join(more)
