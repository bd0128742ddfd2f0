# SPDX-License-Identifier: GPL-3.0-or-later
"""What the main thread has the ledger remember: written in order, by one thread at a time. Main thread only."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from ...engine.errors import ProtocolError, ScenarioError

if TYPE_CHECKING:
    from ...engine.values import JobId
    from .tasks import Tasks

__all__ = ["Writes"]

log = logging.getLogger(__name__)

_NAME: Final = "ledger"


@dataclass(frozen=True)
class _Write:
    work: Callable[[], None]
    is_done: threading.Event


class Writes:
    """A queue in which a job stands once: of two writes of it, the later one counts.

    :param told: what became of each write: the job, and why it did not work, or ``None``.
    """

    def __init__(self, tasks: Tasks, told: Callable[[JobId, ScenarioError | None], None]) -> None:
        self._tasks, self._told = tasks, told
        self._waiting: dict[JobId, _Write] = {}
        self._last: dict[JobId, threading.Event] = {}
        """Of each job that waits or is being written: set once its last write is through."""

    def put(self, job_id: JobId, work: Callable[[], None]) -> None:
        """Have a job written after everything that was put before.

        :param work: runs in a thread, and may raise ``ScenarioError``.
        """
        earlier = self._waiting.pop(job_id, None)  # its place is that of its last write
        write = _Write(work, earlier.is_done if earlier else threading.Event())
        self._waiting[job_id], self._last[job_id] = write, write.is_done
        self._begin()

    def last(self, job_id: JobId) -> threading.Event | None:
        """What a worker has to wait for before it changes a job; ``None`` when there is nothing to wait for."""
        return self._last.get(job_id)

    def flush(self) -> None:
        """Block until all is written."""
        while self._waiting or self._tasks.is_running(_NAME):
            self._begin()
            self._tasks.wait(_NAME)

    def _begin(self) -> None:
        if self._waiting and not self._tasks.is_running(_NAME):
            work, self._waiting = partial(_write, self._waiting), {}
            self._tasks.run(_NAME, work, self._end, must_end=True)

    def _end(self, results: Mapping[JobId, ScenarioError | None]) -> None:
        for job_id, error in results.items():
            if job_id not in self._waiting:
                del self._last[job_id]
            self._told(job_id, error)
        self._begin()


def _write(writes: Mapping[JobId, _Write]) -> dict[JobId, ScenarioError | None]:
    """Write one after another; one that fails keeps no other back. Any thread."""
    results: dict[JobId, ScenarioError | None] = {}
    for job_id, write in writes.items():
        try:
            write.work()
        except ScenarioError as error:
            results[job_id] = error
        except Exception:  # the border of a thread: a fault of ours keeps no other back either
            log.exception("job %s could not be written", job_id)
            results[job_id] = ProtocolError("Something unexpected happened; see the system console.")
        else:
            results[job_id] = None
        finally:
            write.is_done.set()
    return results
