# SPDX-License-Identifier: GPL-3.0-or-later
"""``generate`` and ``resume``: what makes things, and may cost something."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..batch.batch import Item, carry_on, run_items
from ..batch.earlier import Standing, find_earlier, standing
from ..batch.report import Outcome, write_report
from ..errors import AuthError, BudgetError, CredentialsMissing, LedgerInDoubt, NoCredits, OfflineError
from ..files import probe
from ..ledger.job import WORDS, Job, State
from ..models.catalogue import Catalogue
from ..models.model import Model
from ..models.order import Request, make_order
from ..names import longest_name
from ..pipeline.connection import Connection
from ..pipeline.pricing import quote
from ..pipeline.runner import Runner
from ..values import VIEWS, JobId
from .call import AGAIN, Call, UsageError
from .exits import NO_ACCESS, OK, OVER_BUDGET, SOME_FAILED
from .progress import Progress

__all__ = ["generate", "resume"]


def generate(call: Call) -> int:
    args = call.args
    if args.blend and call.host is None:
        raise UsageError("--blend needs Blender: pip install bpy, or use blender --command scenario.")
    if args.again and args.resume:
        raise UsageError("--again orders anew what --resume leaves alone: give one of them.")
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
            return _price(connection, items, call)
        _check_output(args.output, [item.order.name for item in items])
        if args.report:
            _check_report(args.report)
        return _make(connection, items, call)


def _requests(args: argparse.Namespace) -> list[tuple[str, Request]]:
    """Make one request for each picture, or one from several views, or one from a prompt alone."""
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
        numbers, found = Counter[str](), list[tuple[str, Request]]()
        for path in args.image:
            name = path.stem or "model"
            numbers[name] += 1
            found.append((str(path), Request(images=(path,), name=name, number=numbers[name], **common)))
        return found
    first = next((views[view] for view in VIEWS if view in views), next(iter(views.values()), None))
    label = str(first) if first else args.prompt
    return [(label, Request(name=first.stem if first else "model", **common))]


def _items(model: Model, requests: Sequence[tuple[str, Request]], call: Call) -> list[Item]:
    """Make every order, checked; nothing is sent before all of them are good."""
    args, items = call.args, list[Item]()
    if not (model.is_3d or model.is_builtin):
        raise UsageError(f"{model.name} makes no meshes: `models` lists those that do.")
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


def _price(connection: Connection, items: Sequence[Item], call: Call) -> int:
    """Print what each item costs; nothing, where it is made already or an item before it asks for the same."""
    limit_cu: Decimal | None = call.args.max_cost
    total: Decimal | None = Decimal(0)
    asked: set[str] = set()
    for item in items:
        is_paid = not call.args.again and (item.order.identity in asked or _is_paid(connection, item))
        asked.add(item.order.identity)
        cost_cu = Decimal(0) if is_paid else _quote(connection, item)
        total = total + cost_cu if total is not None and cost_cu is not None else None
        print(f"{item.label}\t{_shown_cu(cost_cu)}", flush=True)
    print(f"total\t{_shown_cu(total)}", flush=True)
    return OVER_BUDGET if limit_cu is not None and (total is None or total > limit_cu) else OK


def _is_paid(connection: Connection, item: Item) -> bool:
    earlier = find_earlier(connection.ledger, item.order, scope=connection.scope)
    return any(standing(job) is not Standing.WAITING for job in earlier)


def _shown_cu(cost_cu: Decimal | None) -> str:
    return "unknown" if cost_cu is None else f"{cost_cu} CU"


def _quote(connection: Connection, item: Item) -> Decimal | None:
    return quote(
        item.order,
        client=connection.client,
        ledger=connection.ledger,
        scope=connection.scope,
        wait=connection.clock.sleep,
    )


def _make(connection: Connection, items: Sequence[Item], call: Call) -> int:
    args, began = call.args, time.monotonic()
    if args.again:
        connection.ledger.settle_doubts()
    outcomes = run_items(
        connection,
        items,
        at_once=args.jobs,
        again=args.again,
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
        if outcome.note:
            self.progress.line(f"{outcome.label}: {outcome.note}")
        if outcome.is_done and outcome.file:
            paths = [outcome.file.path, *([outcome.blend] if outcome.blend else [])]
            self.progress.close()
            print("\t".join(str(path) for path in paths), flush=True)
        else:
            is_in_doubt = outcome.job.error_kind == LedgerInDoubt.__name__
            self.progress.line(f"{outcome.label}: {outcome.error}" + (AGAIN if is_in_doubt else ""))


def _verdict(outcomes: Sequence[Outcome]) -> int:
    missing = [outcome.job.error_kind for outcome in outcomes if not outcome.is_done]
    if not missing:
        return OK
    if AuthError.__name__ in missing:
        return NO_ACCESS
    return OVER_BUDGET if {BudgetError.__name__, NoCredits.__name__} & set(missing) else SOME_FAILED


def _check_output(folder: Path, names: Sequence[str]) -> None:
    """Find a folder that cannot be written, or is too deep for a name, before anything is paid for."""
    try:
        for name in {longest_name(name, folder) for name in names}:
            probe(folder, name)
    except (OSError, ValueError) as error:
        reason = error.strerror or error if isinstance(error, OSError) else error
        raise UsageError(f"{folder} cannot be written ({reason}): choose another folder.") from error


def _check_report(path: Path) -> None:
    if path.is_dir():
        raise UsageError(f"--report {path} is a folder: give the name of a file.")
    _check_output(path.absolute().parent, [path.stem])


def resume(call: Call) -> int:
    with closing(call.connect(limit_cu=call.args.max_cost)) as connection:
        others = {job.scope for job in connection.ledger.jobs() if not job.is_settled} - {connection.scope}
        if others:
            call.progress.line("Some unfinished jobs belong to another key or project and are left alone.")
        again = _unanswered(connection, call.args.submit_again) if call.args.submit_again else None
        if call.args.output:
            _check_output(call.args.output, [])
        folder = call.args.output.absolute() if call.args.output else None
        outcomes = carry_on(connection, submit_again=again, watcher=_Teller(call.progress), folder=folder)
    if not outcomes:
        call.progress.line("There is nothing to resume.")
    return _verdict(outcomes)


def _unanswered(connection: Connection, start: str) -> JobId:
    """Find the job that is meant, by how its id begins."""
    jobs = [job for job in connection.ledger.jobs(scope=connection.scope) if job.id.startswith(start)]
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
