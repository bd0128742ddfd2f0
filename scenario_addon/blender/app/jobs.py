# SPDX-License-Identifier: GPL-3.0-or-later
"""The one table of jobs: what is known of each, what is being done about it, and how it is changed. Main thread only.

Workers change a job step by step, and the runner puts what comes of it into this table; what the main thread changes
goes through one queue of writes. Nothing here blocks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from ...engine.errors import ConfigError, NotCarried, ScenarioError
from ...engine.ledger.job import Job, State
from ...engine.values import Activity, JobId
from .config import account_name
from .writes import Writes

if TYPE_CHECKING:
    from ...engine.ledger.ledger import Ledger
    from ...engine.pipeline.connection import Connection
    from ...engine.pipeline.env import Env
    from ...engine.pipeline.runner import Runner, Step
    from .tasks import Tasks

__all__ = ["Jobs"]

_LONGEST_WRITE_S: Final = 60.0


class Jobs(Mapping[JobId, Job]):
    """Every job of a ledger, oldest first.

    :param table: the same one that the runner works on.
    :param runners: whoever works on the table.
    :param connections: the ways to the service at any moment, each for the jobs of its scope.
    :param tell: what the user has to know when something cannot be written.
    """

    def __init__(
        self,
        tasks: Tasks,
        *,
        table: dict[JobId, Job] | None = None,
        ledger: Ledger | None = None,
        runners: Sequence[Runner] = (),
        connections: Callable[[], Sequence[Connection]] = lambda: (),
        tell: Callable[[str | None], None] = lambda text: None,
    ) -> None:
        self._table: dict[JobId, Job] = table if table is not None else {}
        self._ledger, self._runners, self._connections, self._tell = ledger, runners, connections, tell
        self._writes = Writes(tasks, self._written)
        self._unwritten: set[JobId] = set()
        """Those of which the ledger does not know what is here."""
        self._removed: dict[JobId, Job] = {}
        """Those that are being taken off the ledger."""

    def __getitem__(self, job_id: JobId) -> Job:
        return self._table[job_id]

    def __iter__(self) -> Iterator[JobId]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)

    # -- what is being done

    @property
    def active(self) -> list[Job]:
        """What is under way here, oldest first."""
        # Most of a long list is carried by nobody any more, and this is asked at every tick.
        runners = [one.runner for one in self._connections()]
        carried = (job for job in self._table.values() if any(runner.carries(job.id) for runner in runners))
        return [job for job in carried if self.is_active(job)]

    @property
    def ready(self) -> list[Job]:
        """What waits to be imported by itself, as soon as its file is open."""
        held = [job for job in self._table.values() if job.state is State.READY and job.is_held and not job.error]
        return [job for job in held if not self.is_asked(job.id)]

    def is_active(self, job: Job) -> bool:
        """Whether something is being done about a job, or soon will be, in this Blender."""
        if self._carrier(job.id) is None:
            return False
        return self.is_asked(job.id) or not (job.is_settled or job.is_held)

    def is_asked(self, job_id: JobId) -> bool:
        """Whether a worker has not done yet what it was asked to."""
        return any(one.runner.is_asked(job_id) for one in self._connections())

    def is_stuck(self, job: Job) -> bool:
        """Whether it takes the user to go on with a job: it met an error, or nobody here carries it."""
        is_delivered = job.is_settled or (job.state is State.READY and not job.error)
        return not is_delivered and not self.is_active(job)

    def activity(self, job_id: JobId) -> Activity | None:
        """What is being done about a job right now."""
        runner = self._carrier(job_id)
        return runner.activities.get(job_id) if runner is not None else None

    def due_in_s(self, job_id: JobId) -> float | None:
        """How long until something is done about a job, in seconds; ``None`` when it is being done, or never."""
        runner = self._carrier(job_id)
        return runner.due_in_s(job_id) if runner is not None else None

    def way_to(self, job: Job) -> Connection | None:
        """What the service can be asked about a job with: the key and project that it was ordered with."""
        return next((one for one in self._connections() if one.scope == job.scope), None)

    def can_ask(self, job: Job) -> bool:
        """Whether there is such a way."""
        return self.way_to(job) is not None

    def _carrier(self, job_id: JobId) -> Runner | None:
        return next((one.runner for one in self._connections() if one.runner.carries(job_id)), None)

    # -- what workers do

    def submit(self, *jobs: Job, connection: Connection, again: bool = False) -> None:
        """Have new jobs written down, all before anything else happens to one of them, and carried on.

        :param again: even if another process is making the same.
        """
        connection.runner.submit(*jobs, again=again)
        connection.runner.tick()  # so that they are being written down before anything else is asked of them

    def ask(self, job_id: JobId, step: Step) -> None:
        """Have a worker change a job.

        :raises ConfigError: it was ordered with another key or project.
        """
        job = self._table[job_id]
        if (connection := self.way_to(job)) is None:
            name = account_name(job.scope)
            remedy = f"choose the account {name}" if name else "add that project's API key as an account"
            raise ConfigError(f"{job.order.name} belongs to another project: {remedy} in the preferences.")
        is_written = self._writes.last(job_id)
        connection.runner.ask(job, step if is_written is None else _after(is_written, step))

    def tick(self) -> bool:
        """Collect what workers have changed and hand out what is due; says whether anything changed."""
        changed = [one.runner.tick() for one in self._connections()]
        return any(changed)

    # -- what the main thread changes

    def finish(self, job: Job) -> None:
        """Note that a job's mesh is in the scene, and write it down."""
        if job.state is State.CANCELLED:
            job = job.moved(State.READY)
        if job.state is State.READY:
            job = job.moved(State.IMPORTED, wait_s=None)
        self.write(job)

    def hold(self, job: Job, error: ScenarioError) -> None:
        """Have a job wait for the user after something went wrong with it on the main thread."""
        self.write(job.delayed(error, wait_s=None))

    def write(self, job: Job) -> None:
        """Change a job here and in the ledger, for which no connection is needed."""
        is_known = self._table.get(job.id) == job and job.id not in self._unwritten
        self._table[job.id] = job
        if self._ledger is not None and not is_known:
            self._unwritten.discard(job.id)
            self._writes.put(job.id, partial(_save, self._ledger, job))

    def remove(self, job_id: JobId) -> None:
        """Take a job off the list and the ledger. Its file stays. It comes back when another process carries it."""
        job = self._table.pop(job_id)
        for runner in self._runners:
            runner.drop(job_id)
        if self._ledger is not None:
            self._removed[job_id] = job
            self._writes.put(job_id, partial(self._ledger.remove, job_id))

    def flush(self) -> None:
        """Block until everything is in the ledger."""
        self._writes.flush()

    def _written(self, job_id: JobId, error: ScenarioError | None) -> None:
        removed = self._removed.pop(job_id, None)
        if error is None:
            pass
        elif removed is None:
            self._unwritten.add(job_id)
        else:  # back to where it was: oldest first
            jobs = sorted([*self._table.values(), removed], key=lambda job: job.created_at)
            self._table.clear()
            self._table.update((job.id, job) for job in jobs)
        self._tell(error.user_message if error else None)


def _after(is_written: threading.Event, step: Step) -> Step:
    """Make a step wait for the ledger: what the main thread has changed is in it first."""

    def changed(job: Job, env: Env) -> Job:
        is_written.wait(_LONGEST_WRITE_S)
        return step(job, env)

    return changed


def _save(ledger: Ledger, job: Job) -> None:
    """Write down a job of this process, or of one that is no more. Any thread."""
    if ledger.claim(job.id) is None:
        raise NotCarried(f"{job.order.name} is carried on by another Blender: it will not know of this.")
    ledger.save(job)
