# SPDX-License-Identifier: GPL-3.0-or-later
"""What a hostile file does to a Blender: the probe that brings one in as the add-on does, and looks what it costs."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import bpy

from .hostile import one_texture
from .memory import children_watched, own_peak_mb

__all__ = ["straining"]

_LOOK_S: Final = 0.05
_SMALL_PX: Final = 16
_LARGEST_TEXTURE_PX: Final = 4096
"""As the preferences have it."""


def straining(*, path: str, child: list[str]) -> dict[str, Any]:
    """Check a file, have it converted and bring it in; gives what became of it, the longest stall and memory in MB.

    A stall is what keeps the window waiting beyond one redraw of what is then in it.

    :param child: the command that starts a second Blender; where there is an executable, Blender knows it itself.
    """
    from scenario_addon.blender.converting.converter import Converter

    mesh, small = Path(path), Path(tempfile.mkdtemp()) / "small.glb"
    small.write_bytes(one_texture(_SMALL_PX))
    converter = Converter(Path(tempfile.mkdtemp()), command=child or None)
    if not converter.is_available:
        raise RuntimeError("there is no second Blender to convert it")
    try:
        _brought_in(small, _converted(converter, small))  # so that no shader has to be compiled for the other one
        before_mb = own_peak_mb()
        return _strained(mesh, converter, before_mb)
    finally:
        converter.close()


def _strained(mesh: Path, converter: Any, before_mb: float) -> dict[str, Any]:
    from scenario_addon.blender.importing.converted import Converted
    from scenario_addon.blender.importing.readers import readable_extensions
    from scenario_addon.engine.errors import DownloadError
    from scenario_addon.engine.mending.check import inspect

    try:
        inspect(mesh, name="mesh.glb", readable=readable_extensions())
    except DownloadError as error:
        return _found(f"refused: {error.user_message}", [], 0.0, before_mb)
    with children_watched() as children:
        outcome = _converted(converter, mesh)
    if not isinstance(outcome, Converted):
        return _found(f"refused: {outcome.reason}", [], children.mb, before_mb)
    stalls_s = _brought_in(mesh, outcome)
    became = "scaled down" if outcome.arrival.flaws else "brought in"
    return _found(became, stalls_s, children.mb, before_mb)


def _converted(converter: Any, mesh: Path) -> Any:
    """What becomes of a file over there."""
    from scenario_addon.blender.mesh.finish import Finish

    converter.begin(mesh.stem, mesh, name="sample", finish=Finish().within(most_texture_px=_LARGEST_TEXTURE_PX))
    while (outcome := converter.result(mesh.stem)) is None:
        time.sleep(_LOOK_S)
    return outcome


def _found(outcome: str, stalls_s: list[float], child_mb: float, before_mb: float) -> dict[str, Any]:
    grown_mb = max(0.0, own_peak_mb() - before_mb)
    return {"outcome": outcome, "seconds": max(stalls_s, default=0.0), "child peak": child_mb, "own growth": grown_mb}


def _brought_in(mesh: Path, converted: Any) -> list[float]:
    """Bring in what was converted, one step a tick; gives how long each step takes."""
    from scenario_addon.blender.importing.importer import import_mesh
    from scenario_addon.blender.importing.staging import Stage

    if bpy.app.background:
        return [_timed(lambda: import_mesh(mesh, name="sample", job_id="j", model_id="m", converted=converted))]
    window, stage = bpy.context.window_manager.windows[0], Stage()
    stalls_s: list[float] = []
    with bpy.context.temp_override(window=window):
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.spaces.active.shading.color_type = "TEXTURE"
        _redraw()
        is_ready = False
        while not is_ready:
            began_s = time.perf_counter()
            is_ready = stage.advance(converted)
            stalls_s.append(time.perf_counter() - began_s)

        def show() -> None:
            taken = stage.take(converted)
            import_mesh(mesh, name="sample", job_id="j", model_id="m", converted=converted, staged=taken)
            bpy.ops.ed.undo_push(message="Import")
            _redraw()

        shown_s = _timed(show)
        stalls_s.append(max(0.0, shown_s - _timed(_redraw)))
    return stalls_s


def _redraw() -> None:
    bpy.ops.wm.redraw_timer(type="DRAW_WIN_SWAP", iterations=1)


def _timed(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s
