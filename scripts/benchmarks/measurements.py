# SPDX-License-Identifier: GPL-3.0-or-later
"""The measurements: which probes run in which Blenders, and what figures come of them.

What is compared runs in turns, A B A B, so that whatever else the machine does meets both alike.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from textwrap import shorten
from typing import Final

from environments import ENVS, ROOT

from scenario_addon.engine.pace.asking import Asking
from tests.service import Service

from .asking import Beat, Case, Former, Rule, simulate
from .batches import AT_ONCE, PYTHON, peak_mb
from .blenders import Blender, Report
from .figures import Row
from .samples import hostile_file, sample
from .starting import start_to_submission, version_of
from .throughput import Load, Throughput, measure

__all__ = ["MEASUREMENTS", "Plan"]

_SMALL: Final = 500
"""Triangles of the file that is imported first, so that loading Blender's importer does not count."""
_SMALL_PX: Final = 16
_SEQUENTIAL: Final = 64
"""Every which of the items is made one after the other."""
_FACTORS: Final = (0.05, 0.5, 2.0, 20.0)
"""How far off a record is."""
_PROGRESSES: Final = ("no progress", "moving")
_UNLEARNED: Final = 5
"""So many jobs teach before what a wrong record does is counted."""
_AGES_S: Final = 3600.0
_OUTCOME_LETTERS: Final = 80
_JOB_S: Final = 8.0
"""No model takes less; by then the second Blender has started."""


@dataclass(frozen=True)
class Plan:
    """How much is measured, and where."""

    modules: tuple[Blender, ...]
    windows: tuple[Blender, ...]
    runs: int
    triangles: tuple[int, ...]
    texture_px: int
    jobs: tuple[int, ...]
    listed: tuple[int, ...]
    """Results in the list while the tab is drawn."""
    arriving: tuple[int, ...]
    """Triangles of the meshes that a job brings."""
    hostile: tuple[str, ...]
    """Kinds of hostile files."""
    pictured: int
    """Triangles of the object that pictures are taken of."""
    picture_px: int
    sent: int
    """Triangles of the mesh that goes out."""
    items: tuple[int, ...]
    """Of a batch."""
    load: Load
    """Of a batch whose throughput is measured."""
    records: tuple[float, ...]
    """What the model's record says there, in seconds, which may be right or not."""
    asked: tuple[float, ...]
    """What jobs take in the median, in seconds, where only the asking is simulated."""
    simulated: int
    """How many of those there are."""
    against: Path | None = None
    """Where the add-on is as it was, to enable that, too."""

    @property
    def blenders(self) -> tuple[Blender, ...]:
        return self.modules + self.windows


def stall(plan: Plan) -> Iterator[Row]:
    """How long an import keeps the artist from everything else: ours, and Blender's own."""
    for blender in plan.blenders:
        for triangles in plan.triangles:
            for texture in ("jpeg", "png"):
                ours, direct = _imports(plan, blender, triangles, texture)
                case = f"{triangles:,} triangles, {texture}"
                yield from _compared("stall", case, ours, direct, direct_name="import_scene.gltf")


def memory(plan: Plan) -> Iterator[Row]:
    """The most memory that an import of the largest file takes, in this process and in its child."""
    triangles = max(plan.triangles)
    for blender in plan.blenders:
        ours, direct = _imports(plan, blender, triangles, "jpeg")
        for reports, name in ((ours, "ours"), (direct, "import_scene.gltf")):
            for what in ("own peak", "child peak"):
                if any(report.figures[what] for report in reports):
                    yield _row("memory", f"{triangles:,} triangles, jpeg, {name}, {what}", "MB", reports, what)


def arrival(plan: Plan) -> Iterator[Row]:
    """From the news that a job has succeeded to its mesh in the scene: converted by a second Blender, and directly."""
    for blender in plan.modules:
        for triangles in plan.arriving:

            def arrive(child: Sequence[str], blender: Blender = blender, triangles: int = triangles) -> Report:
                with Service(job_seconds=_JOB_S) as service, tempfile.TemporaryDirectory() as state:
                    environment = {**service.environment, "SCENARIO_STATE_DIR": state}
                    return blender.run("arriving", environment=environment, child=list(child), triangles=triangles)

            ways = (partial(arrive, blender.child), partial(arrive, ()))
            ours, direct = _in_turns(plan.runs, *ways, about=f"arrival: {blender.name}, {triangles:,} triangles")
            yield from _compared("arrival", f"{triangles:,} triangles", ours, direct, direct_name="imported directly")


def ticks(plan: Plan) -> Iterator[Row]:
    """The longest time that the timer holds Blender up while jobs are under way and nothing is imported."""
    for blender in plan.modules:
        for jobs in plan.jobs:
            counted = f"{jobs} job{'s' if jobs > 1 else ''}"

            def tick(blender: Blender = blender, jobs: int = jobs) -> Report:
                with Service(job_seconds=_AGES_S) as service:
                    return blender.run("ticking", environment=service.environment, jobs=jobs)

            (reports,) = _in_turns(plan.runs, tick, about=f"ticks: {blender.name}, {counted}")
            for work in ("session.tick", "pump.pump"):
                yield _row("longest tick", f"{counted}, {work}", "ms", reports, work)


def drawing(plan: Plan) -> Iterator[Row]:
    """How long the add-on's own part of drawing the tab takes with many results, and with none."""
    for blender in plan.modules:

        def draw(blender: Blender = blender) -> Report:
            with Service(job_seconds=_AGES_S) as service:
                return blender.run("drawing", environment=service.environment, jobs=[0, *plan.listed])

        (reports,) = _in_turns(plan.runs, draw, about=f"drawing: {blender.name}")
        yield _row("drawing the tab", "no results", "ms", reports, "0")
        for count in plan.listed:
            case = f"{count:,} results"
            yield _row("drawing the tab", case, "ms", reports, str(count))
            ratios = tuple(report.figures[str(count)] / report.figures["0"] for report in reports)
            yield Row("drawing the tab", reports[0].blender, f"{case} / none", "x", ratios)


def enabling(plan: Plan) -> Iterator[Row]:
    """Importing and registering the add-on in a Blender that has just started; the modules are compiled."""
    sources = [ROOT, *([plan.against] if plan.against else [])]
    for blender in plan.blenders:
        cache = str(ENVS / "bench" / "compiled")
        probes = [partial(blender.run, "enabling", cache=cache, source=str(source)) for source in sources]
        for probe in probes:
            probe()
        ours, *others = _in_turns(plan.runs, *probes, about=f"enabling: {blender.name}")
        for part in ("import", "register"):
            yield _row("enabling", part, "ms", ours, part)
            for reports, source in zip(others, sources[1:], strict=True):
                yield _row("enabling", f"{part}, {source.name}", "ms", reports, part)
                ratios = tuple(b.figures[part] / a.figures[part] for a, b in zip(ours, reports, strict=True))
                yield Row("enabling", ours[0].blender, f"{part}, {source.name} / now", "x", ratios)


def hostile(plan: Plan) -> Iterator[Row]:
    """What becomes of files that ask for more than they look like, and what they cost: a stall, and memory."""
    for blender in plan.blenders:
        for kind in plan.hostile:
            probe = partial(blender.run, "straining", path=str(hostile_file(kind)), child=blender.child)
            (reports,) = _in_turns(plan.runs, probe, about=f"hostile: {blender.name}, {kind}")
            outcome = shorten(reports[0].figures["outcome"], width=_OUTCOME_LETTERS)
            yield _row("hostile files", f"{kind}: {outcome}", "ms", reports, "seconds")
            for what in ("child peak", "own growth"):
                if any(report.figures[what] for report in reports):
                    yield _row("hostile files", f"{kind}, {what}", "MB", reports, what)


def pictures(plan: Plan) -> Iterator[Row]:
    """How long taking pictures of an object holds Blender up, beside a redraw, and when they are there."""
    for blender in plan.blenders:
        path = str(sample(plan.pictured, texture="jpeg", texture_px=plan.texture_px))
        for sides in (("front",), ("front", "left", "right", "back")):
            probe = partial(blender.run, "taking", path=path, sides=list(sides), size_px=plan.picture_px)
            case = f"{plan.pictured:,} triangles, {len(sides)} of {plan.picture_px} px"
            (reports,) = _in_turns(plan.runs, probe, about=f"pictures: {blender.name}, {case}")
            yield _row("pictures of objects", f"{case}, all there", "s", reports, "seconds")
            for what in ("held up", "longest", "redraw"):
                if any(report.figures[what] > 1e-4 for report in reports):
                    yield _row("pictures of objects", f"{case}, {what}", "ms", reports, what)


def sending(plan: Plan) -> Iterator[Row]:
    """How long Blender stands still while a mesh of the scene is exported for a model: ours, and by itself."""
    for blender in plan.blenders:
        path = str(sample(plan.sent, texture="png", texture_px=plan.texture_px))
        for painted in (False, True):
            ways = [partial(blender.run, "sending", way=way, path=path, painted=painted) for way in ("ours", "direct")]
            case = f"{plan.sent:,} triangles, textures {'painted' if painted else 'packed'}"
            ours, direct = _in_turns(plan.runs, *ways, about=f"sending: {blender.name}, {case}")
            yield from _compared("sending a mesh", case, ours, direct, direct_name="export_scene.gltf")


def batch(plan: Plan) -> Iterator[Row]:
    """The most memory that a batch takes, which must not grow with the number of its items."""
    peaks: dict[int, list[float]] = {items: [] for items in plan.items}
    for number in range(plan.runs):
        for items, found in peaks.items():
            print(f"batch: {items:,} items, {number + 1} of {plan.runs}", file=sys.stderr, flush=True)
            found.append(peak_mb(items))
    for items, found in peaks.items():
        yield Row("batch", PYTHON, f"{items:,} items, {AT_ONCE} at once, own peak", "MB", tuple(found))


def throughput(plan: Plan) -> Iterator[Row]:
    """How soon a batch is made, as a part of the ideal, beside scripts on the official SDK, and what it asks for."""
    load = plan.load
    few = replace(load, items=-(-load.items // _SEQUENTIAL), at_once=1)  # all of them would take more than an hour
    ways: dict[str, Callable[[], Throughput]] = {
        **{f"ours, record {s:g} s": partial(measure, "ours", load, record_s=s) for s in plan.records},
        "SDK, thread pool": partial(measure, "pool", load),
        f"SDK, sequential, {few.items} of them and of their ideal": partial(measure, "sequential", few),
    }
    found: dict[str, list[Throughput]] = {way: [] for way in ways}
    for number in range(plan.runs):
        for way, run in ways.items():
            print(f"throughput: {way}, {number + 1} of {plan.runs}", file=sys.stderr, flush=True)
            found[way].append(run())
    for way, runs in found.items():
        case = f"{load.items} of {load.job_s:g} s, {load.at_once} at once, {way}"
        yield Row("throughput", PYTHON, f"{case}, of the ideal", "x", tuple(run.part for run in runs))
        yield Row("throughput", PYTHON, f"{case}, for each job", "requests", tuple(run.requests for run in runs))
        yield Row("throughput", PYTHON, f"{case}, whether it is done", "requests", tuple(run.looks for run in runs))


def starting(plan: Plan) -> Iterator[Row]:
    """From the start of a process to the submission that it was started for: plain Python, modules, whole Blenders."""
    for blender in (None, *plan.blenders):
        name = PYTHON if blender is None else version_of(blender)
        print(f"starting: {name}", file=sys.stderr, flush=True)
        values = tuple(start_to_submission(blender) for _ in range(plan.runs))
        yield Row("start to submission", name, "one picture", "s", values)


def asking(plan: Plan) -> Iterator[Row]:
    """How late the end of a job is noticed, and how many requests that takes beside a plain beat; simulated."""
    for median_s in plan.asked:
        right = [Case(median_s, spread, median_s, progress) for spread in (0.35, 0.1) for progress in _PROGRESSES]
        wrong = [Case(median_s, 0.35, factor * median_s, unlearned=_UNLEARNED) for factor in _FACTORS]
        for case in (replace(case, jobs=plan.simulated) for case in (*right, *wrong)):
            record = f"record {case.record_s:g} s" + (f" after {case.unlearned} jobs" if case.unlearned else "")
            name = f"{median_s:g} s, spread {case.spread:g}, {case.progress}, {record}"
            rules: dict[str, Callable[[int], Rule]] = {
                "ours": lambda seed: Asking(chance=random.Random(seed)),
                "as before": lambda seed: Former(),
                "3 s beat": lambda seed: Beat(),
            }
            tallies = {who: [simulate(rule(s), case, seed=s) for s in range(plan.runs)] for who, rule in rules.items()}
            for who, own in tallies.items():
                yield Row("asking", PYTHON, f"{name}, {who}, delay", "s", tuple(tally.delay_s for tally in own))
            for who in ("ours", "as before"):
                pairs = zip(tallies[who], tallies["3 s beat"], strict=True)
                ratios = tuple(one.requests / beat.requests for one, beat in pairs)
                yield Row("asking", PYTHON, f"{name}, {who}, requests / 3 s beat", "x", ratios)


MEASUREMENTS: Final[Mapping[str, Callable[[Plan], Iterator[Row]]]] = {
    "enabling": enabling,
    "ticks": ticks,
    "drawing": drawing,
    "arrival": arrival,
    "stall": stall,
    "memory": memory,
    "hostile": hostile,
    "pictures": pictures,
    "sending": sending,
    "batch": batch,
    "throughput": throughput,
    "starting": starting,
    "asking": asking,
}


@cache
def _imports(plan: Plan, blender: Blender, triangles: int, texture: str) -> list[list[Report]]:
    """Reports of our way, and of Blender's own. Both measurements that want them take them from the same runs."""
    small = sample(_SMALL, texture=texture, texture_px=_SMALL_PX)
    path = sample(triangles, texture=texture, texture_px=plan.texture_px)
    ways = [
        partial(blender.run, "importing", way=way, path=str(path), first=str(small), child=blender.child)
        for way in ("ours", "direct")
    ]
    return _in_turns(plan.runs, *ways, about=f"importing: {blender.name}, {triangles:,} triangles, {texture}")


def _in_turns(runs: int, *probes: Callable[[], Report], about: str) -> list[list[Report]]:
    """Run each probe so many times, one after the other; gives the reports of each."""
    reports: list[list[Report]] = [[] for _ in probes]
    for number in range(runs):
        print(f"{about}, {number + 1} of {runs}", file=sys.stderr, flush=True)
        for probe, found in zip(probes, reports, strict=True):
            found.append(probe())
    return reports


def _compared(
    measurement: str, case: str, ours: Sequence[Report], direct: Sequence[Report], *, direct_name: str
) -> Iterator[Row]:
    yield _row(measurement, f"{case}, ours", "ms", ours, "seconds")
    yield _row(measurement, f"{case}, {direct_name}", "ms", direct, "seconds")
    ratios = tuple(b.figures["seconds"] / a.figures["seconds"] for a, b in zip(ours, direct, strict=True))
    yield Row(measurement, ours[0].blender, f"{case}, {direct_name} / ours", "x", ratios)


def _row(measurement: str, case: str, unit: str, reports: Sequence[Report], figure: str) -> Row:
    factor = 1000.0 if unit == "ms" else 1.0
    return Row(measurement, reports[0].blender, case, unit, tuple(r.figures[figure] * factor for r in reports))
