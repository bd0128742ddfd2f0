# SPDX-License-Identifier: GPL-3.0-or-later
"""Something that another Blender does ends once, for whoever waits."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from scenario_addon.blender.children.errand import Errand
from scenario_addon.engine.errors import MeshError


class FakeChild:
    ended = 0

    def end(self) -> None:
        self.ended += 1


def test_whoever_waits_gets_the_outcome_or_the_error() -> None:
    good, bad = Errand[int]("chair"), Errand[int]("lamp")
    found: list[int] = []
    waiting = threading.Thread(target=lambda: found.append(good.result()))
    waiting.start()
    assert (good.is_over, good.outcome) == (False, None)
    good.end(7)
    waiting.join()
    assert (good.is_over, found) == (True, [7])
    bad.end(MeshError("lamp has no faces."))
    with pytest.raises(MeshError, match="lamp has no faces"):
        bad.result()


def test_cancelling_ends_the_child_that_is_at_work_and_one_that_comes_later_but_none_that_has_gone() -> None:
    errand = Errand[int]("chair")
    gone, at_work, late = FakeChild(), FakeChild(), FakeChild()
    children: list[Any] = [gone, None, at_work]
    for child in children:
        errand.attach(child)
    errand.cancel()
    later: Any = late
    errand.attach(later)
    assert (gone.ended, at_work.ended, late.ended, errand.is_cancelled) == (0, 1, 1, True)
