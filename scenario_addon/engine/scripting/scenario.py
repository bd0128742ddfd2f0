# SPDX-License-Identifier: GPL-3.0-or-later
"""The service, as a context manager that gives results as they come."""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from ..batch.batch import collect, run_items
from ..elsewhere.finding import is_an_id, take_in
from ..errors import InputError
from ..host import Host
from ..inputs.checking import Checker, Common
from ..inputs.folders import Finder
from ..inputs.meshes import MeshFinder
from ..inputs.pictures import check_pictures
from ..inputs.seeding import MOST_SEEDS
from ..inputs.stock import Stock
from ..ledger.job import Job
from ..ledger.ledger import Ledger
from ..models.catalogue import DEFAULT_MODEL_ID
from ..pace.clock import Clock, SystemClock
from ..pictures.file import is_picture
from ..pipeline.connection import Connection, connect
from ..pipeline.runner import Runner
from ..report.outcome import Outcome
from ..settings import day_limit_cu, found_credentials, network_of, state_folder, usable_credentials
from ..values import Credentials
from .result import Result

__all__ = ["Scenario"]

log = logging.getLogger(__name__)

_MINUTE_S: Final = 60.0
_WORKERS: Final = 8


class Scenario:
    """One project of the service, and the ledger of what was ordered there. A context manager; for one thread.

    Nothing is ordered twice: what the ledger knows to be under way is joined, and what is made is given as it is.

    :param output: the folder where meshes go.
    :param max_cost_cu: what all of it may cost, in Compute Units (CU); ``None`` for no limit.
    :param max_cost_cu_per_day: what may be spent from midnight on; by default as the environment says.
    :param credentials: by default those of the environment.
    :param environment: where settings come from; by default the process's own.
    :param clock: what it waits by.
    :param host: the Blender that converts pictures and shows them as they are seen, where this runs in one.
    :raises CredentialsMissing: there are none.
    :raises OfflineError: the Blender may not go online.
    :raises DiskError: the ledger cannot be used.
    :raises ConfigError: the ledger cannot be where it is, or another machine uses it.
    """

    def __init__(
        self,
        output: str | Path = "meshes",
        *,
        max_cost_cu: float | Decimal | None = None,
        max_cost_cu_per_day: float | Decimal | None = None,
        credentials: Credentials | None = None,
        environment: Mapping[str, str] | None = None,
        host: Host | None = None,
        clock: Clock | None = None,
    ) -> None:
        environment = os.environ if environment is None else environment
        found = usable_credentials(credentials or found_credentials(environment, host), host)
        self._output, self._host = Path(output), host
        self._folder = state_folder(environment)
        clock = clock or SystemClock()
        per_day = _amount(max_cost_cu_per_day)
        self._connection: Connection = connect(
            found,
            self._folder,
            network=network_of(host),
            workers=_WORKERS,
            limit_cu=_amount(max_cost_cu),
            day_limit_cu=per_day if per_day is not None else day_limit_cu(environment),
            ledger=Ledger(self._folder),
            clock=clock,
            sleep=clock.sleep,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of everything. What is under way is left to the service, and to the next time."""
        self._connection.close()

    def generate(
        self,
        pictures: str | Path | Iterable[str | Path] = (),
        *,
        model: str | Sequence[str] = DEFAULT_MODEL_ID,
        views: Mapping[str, str | Path] | None = None,
        mesh: str | Path | None = None,
        prompt: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        seeds: int | None = None,
        jobs: int = 4,
        again: bool = False,
        timeout_min: float = 60.0,
    ) -> Iterator[Result]:
        """Make a mesh of each picture, by each model; gives each result as soon as it is there.

        Everything is checked before anything is sent. Leaving the iteration early orders nothing more, and waits until
        what is arriving is written.

        :param pictures: files, folders or patterns.
        :param views: further pictures of the one subject, by the side that each shows.
        :param mesh: what the model changes: a file, or a job's id, ours, or how it begins, or the service's.
        :param parameters: of the model, by the service's names.
        :param seeds: make each so many times, with seeds counted up from the parameter ``seed``, or else from one that
            the same order always gets.
        :param jobs: how many are at the service at the same time.
        :param again: order everything anew, whatever there is already.
        :param timeout_min: what the service takes longer for is left to it, and fetched by the next run.
        :raises InputError: the first that cannot be made; nothing was sent.
        :raises AuthError: the key is refused.
        :raises NetworkError: the service cannot be reached.
        :raises LedgerInDoubt: nobody knows what was ordered before.
        """
        _check_counts(jobs, seeds)
        stock = Stock()
        try:
            common = Common(
                models=(model,) if isinstance(model, str) else tuple(model),
                views={name: Path(path) for name, path in (views or {}).items()},
                mesh=None if mesh is None else str(mesh),
                prompt=prompt,
                seeds=seeds,
                settings=dict(parameters or {}),
                folder=self._output,
            )
            self._fill(stock, pictures, common)
        except BaseException:
            stock.close()
            raise
        work = partial(self._run, stock, jobs=jobs, again=again, timeout_s=timeout_min * _MINUTE_S)
        return _results(work, stock.close)

    def _run(self, stock: Stock, watcher: _Watcher, *, jobs: int, again: bool, timeout_s: float) -> None:
        run_items(
            self._connection,
            stock,
            at_once=jobs,
            again=again,
            host=None,
            watcher=watcher,
            timeout_s=timeout_s,
            is_batch=len(stock) > 1,
            check=watcher.check,
        )

    def fetch(self, ids: str | Iterable[str], *, timeout_min: float = 60.0) -> Iterator[Result]:
        """Have the meshes of jobs that were made elsewhere, or here, as files; orders nothing, and costs nothing.

        :param ids: of jobs or meshes as the service has them, or of jobs of the ledger, or how those begin.
        :param timeout_min: what is still being made for longer is left to the service.
        :raises InputError: there is no such job, or it has brought no mesh.
        :raises ScenarioError: the service cannot be asked.
        """
        given = dict.fromkeys(text.strip() for text in ([ids] if isinstance(ids, str) else ids))
        if unusable := [text for text in given if not is_an_id(text)]:
            raise InputError(f"{unusable[0]!r} is not the id of a job or a mesh.")
        folder = self._output.absolute()
        found = [(text, take_in(text, self._connection, folder=folder)) for text in given]

        def work(watcher: _Watcher) -> None:
            timeout_s = timeout_min * _MINUTE_S
            collect(self._connection, found, folder=folder, watcher=watcher, timeout_s=timeout_s, check=watcher.check)

        return _results(work, lambda: None)

    def _fill(self, stock: Stock, pictures: str | Path | Iterable[str | Path], common: Common) -> None:
        given = [pictures] if isinstance(pictures, str | Path) else list(pictures)
        is_convertible = self._host is not None
        finder = Finder(lambda path: is_picture(path, convertible=is_convertible), (self._output, self._folder))
        found = [picture for each in given for picture in finder.find(str(each))]
        if not found and not common.views and not common.prompt and common.mesh is None:
            raise InputError("There is nothing to make: give a picture, views, a mesh or a prompt.")
        if common.views and len(found) > 1:
            raise InputError("Views make one mesh of several pictures: give at most one picture beside them.")
        checker = Checker(
            lambda model_id: self._connection.catalogue.fetch(model_id, self._connection.client),
            work_folder=self._folder / "pictures",
            host=self._host,
            tell=lambda text: log.info("%s", text),
            meshes=MeshFinder(self._connection),
        )
        check_pictures(found, common, checker, stock)
        stock.seal()


def _results(make: Callable[[_Watcher], None], close: Callable[[], None]) -> Iterator[Result]:
    """Have a thread make results, and give each as it comes.

    :param close: called at the end, however it comes.
    """
    watcher = _Watcher()

    def work() -> None:
        try:
            make(watcher)
        except BaseException as error:  # noqa: BLE001 - the border of a thread: it is raised in the caller's
            watcher.end(error)
        else:
            watcher.end(None)

    thread = threading.Thread(target=work, name="scenario-batch", daemon=True)
    try:
        thread.start()
        try:
            yield from watcher.results()
        finally:
            watcher.stop()
            thread.join()
    finally:
        close()


class _Watcher:
    """Hands results from the thread that makes them to the one that wants them."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Result | BaseException | None] = queue.SimpleQueue()
        self._stop = threading.Event()

    def results(self) -> Iterator[Result]:
        """Give each as it comes.

        :raises ScenarioError: it cannot go on.
        """
        while (found := self._queue.get()) is not None:
            if isinstance(found, BaseException):
                raise found
            yield found

    def stop(self) -> None:
        self._stop.set()

    def check(self) -> None:
        if self._stop.is_set():
            raise KeyboardInterrupt

    def end(self, error: BaseException | None) -> None:
        self._queue.put(error)

    def changed(self, job: Job) -> None: ...

    def look(self, runner: Runner, under_way: Callable[[], Sequence[Outcome]]) -> None: ...

    def concluded(self, outcome: Outcome) -> None:
        self._queue.put(Result.of(outcome))


def _check_counts(jobs: int, seeds: int | None) -> None:
    """:raises InputError: there cannot be so many."""
    if jobs < 1:
        raise InputError(f"jobs is {jobs}: at least one is needed.")
    if seeds is not None and seeds not in range(1, MOST_SEEDS + 1):
        raise InputError(f"seeds is {seeds}: give a number from 1 to {MOST_SEEDS}.")


def _amount(cost_cu: float | Decimal | None) -> Decimal | None:
    if cost_cu is None:
        return None
    amount = Decimal(str(cost_cu))
    if not amount.is_finite() or amount < 0:
        raise InputError(f"{cost_cu} is no amount of Compute Units (CU): give a number that is not below 0.")
    return amount
