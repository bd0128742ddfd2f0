# SPDX-License-Identifier: GPL-3.0-or-later
"""``generate``, ``batch`` and ``resume``, which make things and may cost something; ``fetch``, which costs nothing."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Final

from ..batch.batch import carry_on, collect
from ..elsewhere.finding import is_an_id, take_in
from ..elsewhere.origin import is_of_another, whose
from ..errors import AuthError, CredentialsMissing, OfflineError, ScenarioError
from ..handover.extras import Extras
from ..inputs.stock import Stock
from ..ledger.job import WORDS, Job, State
from ..manifests.manifest import EXAMPLES
from ..pipeline.connection import Connection
from ..report.tally import Tally
from ..values import JobId
from .call import BLENDER, Call, UsageError
from .exits import OK, SOME_FAILED
from .extras import check_extras, wanted_extras
from .making import check_output, check_place, check_report, make, price, verdict, wanted_outputs, write_outputs
from .sources import Fill, check_offline, checker, from_blend, from_manifest, from_pictures
from .teller import Teller

__all__ = ["batch", "fetch", "generate", "resume"]

_WORKERS: Final = 8


def generate(call: Call) -> int:
    _check_options(call)
    args = call.args
    if args.from_blend is not None:
        return _carry_out(call, from_blend(call))
    given = [name for name in ("object", "collection", "sides") if getattr(args, name)]
    if given:
        raise UsageError(f"--{given[0]} says what of a .blend is meant: add --from-blend FILE.")
    return _carry_out(call, from_pictures(call))


def batch(call: Call) -> int:
    args = call.args
    if args.example:
        print(EXAMPLES[args.example], end="")
        return OK
    if args.manifest is None:
        raise UsageError("give a manifest; `batch --example csv` prints one.")
    _check_options(call)
    return _carry_out(call, from_manifest(call))


def _check_options(call: Call) -> None:
    check_extras(call)
    if call.args.again and call.args.resume:
        raise UsageError("--again orders anew what --resume leaves alone: give one of them.")
    _check_outputs(call)


def _check_outputs(call: Call) -> None:
    """:raises InputError: what is wanted of everything cannot be written."""
    outputs = wanted_outputs(call)
    if outputs.options and call.host is None:
        raise UsageError(f"{outputs.options[0]} needs {BLENDER}.")
    outputs.check(inputs=_inputs(call))
    for folder, name in outputs.places:
        check_place(folder, name)


def _inputs(call: Call) -> list[Path]:
    """The files that the command line names to be read."""
    others = (getattr(call.args, name, None) for name in ("from_blend", "mesh"))
    return [*map(Path, getattr(call.args, "image", [])), *(Path(other) for other in others if other is not None)]


def _carry_out(call: Call, fill: Fill) -> int:
    """Check everything, then price or make it; nothing is sent before all of it is good."""
    args = call.args
    try:
        connection = call.connect(limit_cu=args.max_cost, workers=min(_WORKERS, max(2, args.jobs or _WORKERS)))
    except (CredentialsMissing, OfflineError):
        check_offline(call, fill)  # what is wrong with the input is said first, as far as that is known
        raise
    with closing(connection), closing(Stock()) as stock:
        left_out = fill(checker(call, connection), stock, connection)
        if args.dry_run:
            stock.leave_out_refused()
            stock.seal()
            return price(connection, stock, call) or (SOME_FAILED if left_out else OK)
        stock.seal()
        for folder, name in stock.longest_names():
            check_output(folder, {name})
        if args.report:
            check_report(args.report)
        return make(connection, stock, call)


def resume(call: Call) -> int:
    check_extras(call)
    _check_outputs(call)
    with closing(call.connect(limit_cu=call.args.max_cost)) as connection:
        others = {job.scope for job in connection.ledger.jobs() if not job.is_settled} - {connection.scope}
        if others:
            call.progress.line("Some unfinished jobs belong to another key or project and are left alone.")
        again = _unanswered(connection, call.args.submit_again) if call.args.submit_again else None
        if call.args.output:
            check_output(call.args.output, {""})
        folder = call.args.output.absolute() if call.args.output else None
        outputs = wanted_outputs(call)
        teller = Teller(call.progress, connection.clock, Tally(connection.clock), outputs=outputs)
        with call.interrupts.gentle():
            found = carry_on(
                connection,
                submit_again=again,
                watcher=teller,
                host=call.host,
                extras=wanted_extras(call.args),
                folder=folder,
                timeout_s=call.args.timeout * 60,
                check=call.interrupts.check,
                hurry=call.interrupts.check_again,
            )
    if not found:
        call.progress.line("There is nothing to resume.")
    is_written = write_outputs(None, call, teller)
    return verdict(teller.tally) or (OK if is_written else SOME_FAILED)


def _unanswered(connection: Connection, start: str) -> JobId:
    """Find the job that is meant, by how its id begins."""
    jobs = [job for job in connection.ledger.jobs(scope=connection.scope) if job.id.startswith(start)]
    if len(jobs) != 1:
        raise UsageError(f"--submit-again {start} names {len(jobs) or 'no'} jobs: `jobs` lists them.")
    if jobs[0].state not in (State.UNCERTAIN, State.SUBMITTING):
        raise UsageError(f"--submit-again {start}: there is no doubt about this job ({WORDS[jobs[0].state]}).")
    return jobs[0].id


def fetch(call: Call) -> int:
    """Have what was made elsewhere, or here, as files."""
    args = call.args
    ids = list(dict.fromkeys(text.strip() for text in args.id))
    for text in ids:
        if not is_an_id(text):
            raise UsageError(f"{text!r} is not the id of a job or a file: `jobs --remote` lists them.")
    if args.blend and call.host is None:
        raise UsageError(f"--blend needs {BLENDER}.")
    folder: Path = args.output.absolute()
    check_output(folder, {""})
    with closing(call.connect()) as connection:
        found: list[tuple[str, Job]] = []
        for text in ids:
            try:
                found.append((text, take_in(text, connection, folder=folder)))
                _tell_whose(call, connection, *found[-1])
            except AuthError:
                raise
            except ScenarioError as error:
                call.progress.line(f"{text}: {error.user_message}")
        teller = Teller(call.progress, connection.clock, Tally(connection.clock, len(found)))
        with call.interrupts.gentle():
            collect(
                connection,
                found,
                folder=folder,
                watcher=teller,
                host=call.host,
                extras=Extras(blend=args.blend),
                timeout_s=args.timeout * 60,
                check=call.interrupts.check,
                hurry=call.interrupts.check_again,
            )
    return verdict(teller.tally) or (OK if len(found) == len(ids) else SOME_FAILED)


def _tell_whose(call: Call, connection: Connection, text: str, job: Job) -> None:
    """Say that something is another project's, where it can be read all the same."""
    if is_of_another(job, project_id=connection.project_id):
        owner = whose(job, scope=connection.scope, project_id=connection.project_id)
        call.progress.line(f"{text}: {job.order.name} was {owner}.")
