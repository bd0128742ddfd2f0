# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured inside a Blender: one probe a process. ``blenders`` starts it and reads the report.

A probe is a function that takes what it needs by keyword and gives numbers by name. Everything of the add-on is
imported by the probe that uses it, because importing is one of the things that are measured.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import bpy

from .drawing import draw_seconds
from .memory import children_watched, own_peak_mb
from .sending import sending
from .strain import straining
from .studio import taking

__all__ = ["PROBES", "start"]

_START_S: Final = 0.5
"""A window is drawn by then."""
_TICK_S: Final = 0.1
"""How often Blender's timer wakes the add-on."""
_POLL_S: Final = 0.2
"""How often a job is looked at, against a service that is not asked to wait."""
_TICKING_S: Final = 3.0
_MODEL: Final = "model_hunyuan-3d-v2-1"


def start() -> None:
    """Run the probe that the variable SCENARIO_BENCH describes, write its report and end the process."""
    order = json.loads(os.environ["SCENARIO_BENCH"])
    if bpy.app.background:
        _run(order)
    else:
        bpy.app.timers.register(lambda: _run(order), first_interval=_START_S)


def _run(order: dict[str, Any]) -> None:
    try:
        report = {"blender": bpy.app.version_string, "figures": PROBES[order["probe"]](**order["arguments"])}
    except Exception:  # noqa: BLE001 - nothing is hidden: whoever started this raises it
        report = {"error": traceback.format_exc()}
    Path(order["report"]).write_text(json.dumps(report), encoding="utf-8")
    os._exit(0)  # the bpy module does not always end by itself


def importing(*, way: str, path: str, first: str | None, child: list[str]) -> dict[str, float]:
    """How long one import keeps Blender from everything else, its first redraw included where there is a window.

    :param way: ``ours`` or ``direct``.
    :param first: a small file that is imported before, so that loading Blender's importer does not count.
    :param child: the command that starts a second Blender; where there is an executable, Blender knows it itself.
    """
    make_ready = {"ours": _ours, "direct": _direct}[way]
    windows = bpy.context.window_manager.windows
    with bpy.context.temp_override(window=windows[0] if windows else None):
        if first:
            make_ready(Path(first), child)()
        with children_watched() as children:
            bring = make_ready(Path(path), child)
        began_s = time.perf_counter()
        bring()
        if not bpy.app.background:
            bpy.ops.wm.redraw_timer(type="DRAW_WIN_SWAP", iterations=1)
        stall_s = time.perf_counter() - began_s
    return {"seconds": stall_s, "own peak": own_peak_mb(), "child peak": children.mb}


def _ours(path: Path, child: list[str]) -> Callable[[], object]:
    """The one place that says how the add-on brings a mesh in: what a child does is done here, the rest is given."""
    from scenario_addon.blender.converting.converter import Converter
    from scenario_addon.blender.importing.converted import Converted
    from scenario_addon.blender.importing.importer import import_mesh

    converter = Converter(Path(tempfile.mkdtemp()), command=child or None)
    if not converter.is_available:
        raise RuntimeError("there is no second Blender to convert it")
    converter.begin("job", path, name="sample")
    while (outcome := converter.result("job")) is None:
        time.sleep(_TICK_S)
    if not isinstance(outcome, Converted):
        raise RuntimeError(outcome.reason)

    def bring() -> None:
        import_mesh(path, name="sample", job_id="job", model_id="model", converted=outcome)
        if not bpy.app.background:
            bpy.ops.ed.undo_push(message="Import")

    return bring


def _direct(path: Path, child: list[str]) -> Callable[[], object]:
    """As File > Import does, with an undo step."""
    return partial(bpy.ops.import_scene.gltf, "EXEC_DEFAULT", True, filepath=str(path))


def enabling(*, cache: str, source: str) -> dict[str, float]:
    """Importing and registering the add-on.

    :param cache: folder of the compiled modules.
    :param source: folder of the package.
    """
    sys.path.insert(0, source)
    sys.pycache_prefix, sys.dont_write_bytecode = cache, False
    began_s = time.perf_counter()
    import scenario_addon.blender

    imported_s = time.perf_counter()
    scenario_addon.register()
    return {"import": imported_s - began_s, "register": time.perf_counter() - imported_s}


def ticking(*, jobs: int) -> dict[str, float]:
    """The longest tick while so many jobs are being uploaded, submitted and polled."""
    from scenario_addon.blender.app.session import session
    from scenario_addon.blender.ui import pump

    submit = _submitter()
    for _ in range(jobs):
        submit()
    longest = {"session.tick": 0.0, "pump.pump": 0.0}
    end_s = time.monotonic() + _TICKING_S
    while time.monotonic() < end_s:
        for name, work in (("session.tick", session.tick), ("pump.pump", pump.pump)):
            began_s = time.perf_counter()
            work()
            longest[name] = max(longest[name], time.perf_counter() - began_s)
            time.sleep(0.01)
    if len(session.jobs.active) != jobs:
        raise RuntimeError(f"{jobs} jobs were to be under way, and {len(session.jobs.active)} were")
    return longest


def arriving(*, child: list[str], triangles: int) -> dict[str, float]:
    """How long it takes from the news that a job has succeeded to its mesh in the scene.

    :param child: the command that starts a second Blender, which the ``bpy`` module does not do by itself; empty: the
        file is imported directly.
    """
    from scenario_addon.blender.app.session import session
    from scenario_addon.blender.converting.converter import Converter
    from scenario_addon.blender.delivery import conversions
    from scenario_addon.blender.ui import pump
    from scenario_addon.engine.ledger.job import State

    job_id = _submitter(targetFaceNum=triangles)()
    session.converter = Converter(Path(tempfile.gettempdir()) / "scenario", command=child)
    done_s: float | None = None
    while (job := session.jobs[job_id]).state is not State.IMPORTED:
        if job.error:
            raise RuntimeError(job.error)
        if done_s is None and job.state in (State.SUCCEEDED, State.DOWNLOADED, State.READY):
            done_s = time.perf_counter()
        time.sleep(_TICK_S)
        pump.pump()
    arrived_s = time.perf_counter()
    if child and conversions.converted(job) is None:
        raise RuntimeError("the mesh was imported directly")
    conversions.close()
    if done_s is None:
        raise RuntimeError("the job was done before anybody saw it succeed")
    return {"seconds": arrived_s - done_s}


def drawing(*, jobs: list[int]) -> dict[str, float]:
    """How long the panels of the tab take to draw with so many results."""
    from scenario_addon.blender.app.session import session
    from scenario_addon.blender.ui import pump

    job_id = _submitter()()
    while (job := session.jobs[job_id]).remote_id is None:
        pump.pump()
        time.sleep(_TICK_S)
    return draw_seconds(job, jobs)


def _submitter(**values: object) -> Callable[[], Any]:
    """Get the add-on ready, and give what submits a job as the button does and says its id.

    :param values: parameters of the model that differ from its defaults.
    """
    import scenario_addon
    from scenario_addon.blender.app.session import session
    from scenario_addon.blender.form import parameters
    from scenario_addon.blender.request import filling, reading
    from scenario_addon.engine.ledger.job import new_job
    from scenario_addon.engine.pace.asking import Asking

    Asking.pause_s = lambda asking, job, now: _POLL_S  # pyright: ignore[reportAttributeAccessIssue]
    scenario_addon.register()
    settings: Any = bpy.context.scene.scenario  # pyright: ignore[reportAttributeAccessIssue]
    settings.source, settings.image = "IMAGE", bpy.data.images.new("picture", 256, 256)
    settings.image.generated_type, settings.model = "COLOR_GRID", _MODEL
    connection = session.online()
    model = session.models.look_up(_MODEL)
    if model is None:
        raise RuntimeError(f"{_MODEL} is not among the models")
    parameters.assign(parameters.sync(settings.models, model), model, values)

    def submit() -> Any:
        order, _ = filling.fill_in(bpy.context, reading.read(bpy.context))
        job = new_job(order, scope=connection.scope)
        session.submit(job)
        return job.id

    return submit


PROBES: Final[dict[str, Callable[..., dict[str, Any]]]] = {
    "importing": importing,
    "enabling": enabling,
    "ticking": ticking,
    "arriving": arriving,
    "drawing": drawing,
    "straining": straining,
    "taking": taking,
    "sending": sending,
}
