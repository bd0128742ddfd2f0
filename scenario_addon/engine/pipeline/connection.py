# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that works with one project of the service, put together once."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from ... import __version__
from ..api.client import ScenarioClient
from ..api.http import Http
from ..gltf.document import READABLE
from ..ledger.job import Job
from ..ledger.ledger import Ledger
from ..models.catalogue import Catalogue
from ..pace.asking import Asking
from ..values import Credentials, JobId, Network
from .budget import Budget
from .env import Env
from .pricing import Prices
from .runner import Clock, Runner, SystemClock

__all__ = ["AGENT", "Connection", "connect"]

AGENT: Final = f"scenario-addon/{__version__} Python/{sys.version_info.major}.{sys.version_info.minor}"
"""Who asks, as the service is told."""


@dataclass(frozen=True, slots=True)
class Connection:
    client: ScenarioClient
    catalogue: Catalogue
    ledger: Ledger
    runner: Runner
    scope: str
    clock: Clock
    """By which it is waited for the service, and for other processes."""
    budget: Budget
    prices: Prices | None = None
    """Of the like, where many jobs ask for it."""
    project_id: str | None = None

    def close(self, *others: Connection) -> None:
        """Let go of everything; does not block.

        A step that is under way ends first, and its job stays this connection's until then: whoever took it over at
        once would write to the same file.

        :param others: those with which it shares its ledger; they are closed, too.
        """
        every = (self, *others)
        workers = [worker for one in every for worker in one.runner.stop()]
        if not workers:
            _let_go(every)
            return
        threading.Thread(target=_wait_and_let_go, args=(every, workers), name="scenario-closing", daemon=True).start()


def _wait_and_let_go(connections: Sequence[Connection], workers: Sequence[threading.Thread]) -> None:
    for worker in workers:
        worker.join()
    _let_go(connections)


def _let_go(connections: Sequence[Connection]) -> None:
    connections[0].ledger.close()
    for one in connections:
        one.client.close()


def connect(
    credentials: Credentials,
    folder: Path,
    *,
    network: Network = Network(),  # noqa: B008 - it is frozen
    workers: int = 2,
    limit_cu: Decimal | None = None,
    day_limit_cu: Decimal | None = None,
    own_folder: Path | None = None,
    readable: frozenset[str] = READABLE,
    ledger: Ledger | None = None,
    jobs: dict[JobId, Job] | None = None,
    prices: Prices | None = None,
    clock: Clock | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Connection:
    """Open the ledger and get ready; nothing is sent.

    :param folder: where the ledger, the model list and the pictures in use live.
    :param network: what the user says of the way out, for where the environment says nothing.
    :param limit_cu: what all jobs of this connection together may cost.
    :param day_limit_cu: what all jobs of this project in this ledger may cost in a day, from local midnight on.
    :param own_folder: where files go when they cannot go where they should; ``None`` for nowhere.
    :param readable: the glTF extensions that whoever imports the meshes can read.
    :param ledger: the folder's ledger, where it is open already.
    :param jobs: the table that the runner works on.
    :param prices: of the like, where many jobs ask for it; ``None``: each job asks for itself.
    :raises DiskError: the folder cannot be used.
    :raises ConfigError: no ledger can be there, or another machine uses it.
    """
    ledger = ledger or Ledger(folder)
    client = ScenarioClient(Http(credentials, user_agent=AGENT, network=network, sleep=sleep))
    budget = Budget(limit_cu, day_limit_cu=day_limit_cu)
    env = Env(
        client=client,
        ledger=ledger,
        budget=budget,
        prices=prices,
        asking=Asking(ledger.lately_made),
        wait=sleep,
        own_folder=own_folder,
        readable=readable,
    )
    clock, catalogue = clock or SystemClock(), Catalogue(folder, credentials.scope)
    runner = Runner(env, workers=workers, clock=clock, jobs=jobs)
    return Connection(
        client, catalogue, ledger, runner, credentials.scope, clock, budget, prices, credentials.project_id
    )
