# SPDX-License-Identifier: GPL-3.0-or-later
"""``generate`` and ``resume``: what makes things, and may cost something."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..batch import Item, Outcome, carry_on, run_items, write_report
from ..catalogue import Catalogue
from ..client import placeholders
from ..connection import Connection
from ..errors import AuthError, BudgetError, CredentialsMissing, OfflineError
from ..job import WORDS, Job, State
from ..model import Model
from ..order import Request, make_order
from ..runner import Runner
from ..values import VIEWS, JobId, Order
from .call import Call, UsageError
from .exits import NO_ACCESS, OK, OVER_BUDGET, SOME_FAILED
from .progress import Progress

__all__ = ["generate", "resume"]


def generate(call: Call) -> int:
    args = call.args
    if args.blend and call.host is None:
        raise UsageError("--blend needs Blender: pip install bpy, or use blender --command scenario.")
    requests = _requests(args)
    try:
        connection = call.connect(limit_cu=args.max_cost, workers=min(8, max(2, args.jobs)))
    except (CredentialsMissing, OfflineError):
        # What is wrong with the input is said first, as far as that is known without the service.
        offline = Catalogue(call.folder, "offline").models()
        if model := next((m for m in offline if m.id == args.model and m.parameters), None):
            _items(model, requests, call)
        raise
    with closing(connection):
        model = connection.catalogue.fetch(args.model, connection.client)
        items = _items(model, requests, call)
        if args.dry_run:
            return _price(connection, items, limit_cu=args.max_cost)
        _check_output(args.output)
        if args.report:
            _check_report(args.report)
        return _make(connection, items, call)


def _requests(args: argparse.Namespace) -> list[tuple[str, Request]]:
    """One request for each picture, or one from several views, or one from a prompt alone."""
    views = dict(_pair(text, "--view NAME=PATH") for text in args.view)
    views = {name: Path(path) for name, path in views.items()}
    if len(views) != len(args.view):
        raise UsageError("--view: each view can be given once.")
    if views and len(args.image) > 1:
        raise UsageError("--view makes one mesh from several pictures: give at most one IMAGE beside it, the front.")
    if not args.image and not views and not args.prompt:
        raise UsageError("give a picture, --view NAME=PATH, or --prompt TEXT.")
    common: dict[str, Any] = {"views": views, "prompt": args.prompt, "folder": args.output.absolute()}
    if args.image:
        return [(str(path), Request(images=(path,), name=path.stem or "model", **common)) for path in args.image]
    first = next((views[view] for view in VIEWS if view in views), next(iter(views.values()), None))
    label = str(first) if first else args.prompt
    return [(label, Request(name=first.stem if first else "model", **common))]


def _items(model: Model, requests: Sequence[tuple[str, Request]], call: Call) -> list[Item]:
    """Every order, checked; nothing is sent before all of them are good."""
    args, items = call.args, list[Item]()
    if not (model.is_3d or model.is_builtin):
        raise UsageError(f"{model.name} makes no 3D models: `models` lists those that do.")
    values: dict[str, Any] = {}
    for text in args.set:
        name, value = _pair(text, "--set NAME=VALUE")
        parameter = model.parameter(name)
        values[name] = parameter.read(value) if parameter else value
    converter = call.host.convert_picture if call.host else None
    for label, request in requests:
        order, notes = make_order(
            model, replace(request, values=values), work_folder=call.folder / "pictures", converter=converter
        )
        for note in notes:
            call.progress.line(f"{request.name}: {note}")
        items.append(Item(label, order))
    return items


def _price(connection: Connection, items: Sequence[Item], *, limit_cu: Decimal | None) -> int:
    total: Decimal | None = Decimal(0)
    for item in items:
        cost_cu = _quote(connection, item.order)
        total = total + cost_cu if total is not None and cost_cu is not None else None
        print(f"{item.label}\t{_shown_cu(cost_cu)}", flush=True)
    if len(items) > 1:
        print(f"total\t{_shown_cu(total)}", flush=True)
    return OVER_BUDGET if limit_cu is not None and (total is None or total > limit_cu) else OK


def _shown_cu(cost_cu: Decimal | None) -> str:
    return "unknown" if cost_cu is None else f"{cost_cu} CU"


def _quote(connection: Connection, order: Order) -> Decimal | None:
    return connection.client.quote(order.model_id, order.body(placeholders(order.images())))


def _make(connection: Connection, items: Sequence[Item], call: Call) -> int:
    args, began = call.args, time.monotonic()
    outcomes = run_items(
        connection,
        items,
        at_once=args.jobs,
        resume=args.resume,
        host=call.host if args.blend else None,
        watcher=_Teller(call.progress),
    )
    if args.report:
        write_report(args.report, outcomes, seconds=time.monotonic() - began)
    return _verdict(outcomes)


@dataclass(frozen=True, slots=True)
class _Teller:
    """Progress to standard error, results to standard output."""

    progress: Progress

    def changed(self, job: Job) -> None:
        self.progress.changed(job)

    def look(self, runner: Runner) -> None:
        self.progress.draw(runner.jobs, runner.activities)

    def concluded(self, outcome: Outcome) -> None:
        if outcome.is_done and outcome.job.file:
            paths = [outcome.job.file.path, *([outcome.job.blend] if outcome.job.blend else [])]
            self.progress.close()
            print("\t".join(str(path) for path in paths), flush=True)
        else:
            self.progress.line(f"{outcome.label}: {outcome.error}")


def _verdict(outcomes: Sequence[Outcome]) -> int:
    missing = [outcome.job.error_kind for outcome in outcomes if not outcome.is_done]
    if not missing:
        return OK
    if AuthError.__name__ in missing:
        return NO_ACCESS
    return OVER_BUDGET if BudgetError.__name__ in missing else SOME_FAILED


def _check_output(folder: Path) -> None:
    """A folder that cannot be written is found before anything is paid for."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise UsageError(f"{folder} cannot be written ({error.strerror}): choose another folder.") from error


def _check_report(path: Path) -> None:
    if path.is_dir():
        raise UsageError(f"--report {path} is a folder: give the name of a file.")
    _check_output(path.absolute().parent)


def resume(call: Call) -> int:
    with closing(call.connect(limit_cu=call.args.max_cost)) as connection:
        others = {job.scope for job in connection.store.jobs() if not job.is_settled} - {connection.scope}
        if others:
            call.progress.line("Some unfinished jobs belong to another key or project and are left alone.")
        again = _unanswered(connection, call.args.submit_again) if call.args.submit_again else None
        outcomes = carry_on(connection, submit_again=again, watcher=_Teller(call.progress))
    if not outcomes:
        call.progress.line("There is nothing to resume.")
    return _verdict(outcomes)


def _unanswered(connection: Connection, start: str) -> JobId:
    """The job that is meant, by how its id begins."""
    jobs = [job for job in connection.store.jobs(scope=connection.scope) if job.id.startswith(start)]
    if len(jobs) != 1:
        raise UsageError(f"--submit-again {start} names {len(jobs) or 'no'} jobs: `jobs` lists them.")
    if jobs[0].state not in (State.UNCERTAIN, State.SUBMITTING):
        raise UsageError(f"--submit-again {start}: there is no doubt about this job ({WORDS[jobs[0].state]}).")
    return jobs[0].id


def _pair(text: str, option: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    if not name.strip() or not value:
        raise UsageError(f"{text} is not a pair: write it as {option}.")
    return name.strip(), value
