# SPDX-License-Identifier: GPL-3.0-or-later
"""The tab: how long its panels take to draw with many results in the list, and with none."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from dataclasses import replace
from statistics import median
from typing import Any, Final, Self

import bpy

__all__ = ["draw_seconds"]

_PANELS: Final = ("SCENARIO_PT_main", "SCENARIO_PT_jobs")
_REDRAWS: Final = 30
_WARM_UP: Final = 10
"""So many come before those that count: pictures are loaded, and what is derived of the jobs is."""
_OF_ONE: Final = 5
"""Results of one picture."""
_PAUSE_S: Final = 0.02


def draw_seconds(first: Any, counts: list[int]) -> dict[str, float]:
    """Draw the tab with so many results; gives seconds, the median of many redraws, by the count.

    The ``bpy`` module has no layout: what is drawn goes nowhere, so that only the add-on's own part is counted.

    :param first: a job to make the others of; it is taken off the list.
    """
    from scenario_addon.blender.app.session import session

    session.jobs.remove(first.id)
    figures: dict[str, float] = {}
    for count in counts:
        for number in range(len(session.jobs), count):
            session.jobs.write(_result(first, number))
        figures[str(count)] = _median()
    return figures


def _median() -> float:
    from scenario_addon.blender.ui import pump

    for _ in range(_WARM_UP):
        _redraw()
        pump.pump()
        time.sleep(_PAUSE_S)
    return median(_redraw() for _ in range(_REDRAWS))


def _result(first: Any, number: int) -> Any:
    """A further result, each some of another picture."""
    from scenario_addon.engine.ledger.job import State
    from scenario_addon.engine.values import JobId

    source = f"picture {number // _OF_ONE}"
    values = {**first.order.values, "seed": number, "steps": 20 + number % 3}
    order = replace(first.order, name=source, values=values, target={"source": source})
    return replace(first, id=JobId(f"job{number}"), order=order, state=State.IMPORTED, finished_at=time.time() - number)


class _Nowhere:
    """A layout that takes whatever is drawn."""

    def __getattr__(self, name: str) -> Any:
        return self

    def __call__(self, *positional: Any, **named: Any) -> Self:
        return self

    def panel(self, *positional: Any, **named: Any) -> tuple[Self, Self]:
        return self, self


def _redraw() -> float:
    began_s = time.perf_counter()
    with _sidebar():
        for name in _PANELS:
            kind = getattr(bpy.types, name)
            if not hasattr(kind, "poll") or kind.poll(bpy.context):
                kind.draw(type("Panel", (), {"layout": _Nowhere()})(), bpy.context)
    return time.perf_counter() - began_s


def _sidebar() -> AbstractContextManager[object]:
    area = next(area for area in bpy.context.window.screen.areas if area.type == "VIEW_3D")
    region = next(region for region in area.regions if region.type == "UI")
    return bpy.context.temp_override(area=area, region=region)
