# SPDX-License-Identifier: GPL-3.0-or-later
"""What takes long about starting: the ledger, the connection, and the modules that need them. Any thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ... import engine
from ...engine.errors import AuthError, ConfigError, Forbidden, NotFound, ScenarioError
from ...engine.ledger.job import Job, State
from ...engine.values import Credentials, JobId, Network
from ..importing.readers import readable_extensions
from .config import credentials, day_limit_cu, network, other_credentials

if TYPE_CHECKING:
    from ...engine.ledger.ledger import Ledger
    from ...engine.models.catalogue import Catalogue
    from ...engine.pipeline.connection import Connection

__all__ = ["Access", "Loaded", "find_access", "load"]


_WRONG_KEY: Final = frozenset({AuthError.__name__, Forbidden.__name__, NotFound.__name__})
"""What is said about a job to a key that is not that of its project."""


@dataclass(frozen=True)
class Access:
    """What the user lets the add-on use, and what this Blender can read."""

    credentials: Credentials | None
    """``None``: nothing new can be ordered."""
    others: Mapping[str, Credentials]
    """What else is saved, by its scope: what was ordered with it goes on."""
    network: Network
    day_limit_cu: Decimal | None
    readable: frozenset[str]
    """The glTF extensions that a mesh may require."""


@dataclass(frozen=True)
class Loaded:
    ledger: Ledger
    catalogue: Catalogue
    connection: Connection | None
    others: Sequence[Connection]
    """Those of other accounts and projects that have jobs under way; they share the ledger and the table of jobs."""
    jobs: dict[JobId, Job]
    doubt: str | None
    """Why nobody knows what was ordered before, without a full stop; ``None`` when that is known."""
    has_backup: bool

    def close(self) -> None:
        """Let go. Steps under way end by themselves; whoever opens the ledger next finds out what became of them."""
        if self.connections:
            self.connections[0].close(*self.connections[1:])
        else:
            self.ledger.close()

    @property
    def connections(self) -> Sequence[Connection]:
        """All there are, the one for what is new first."""
        return [*([self.connection] if self.connection is not None else []), *self.others]


def find_access() -> tuple[Access | None, str | None]:
    """Read what may be used. Main thread.

    :return: also why nothing new can be ordered; ``None`` when it can.
    """
    problem = own = None
    try:
        limit_cu = day_limit_cu()
        try:
            own = credentials()
        except ScenarioError as error:
            problem = error.user_message
        return Access(own, other_credentials(), network(), limit_cu, readable_extensions()), problem
    except ScenarioError as error:  # a limit that cannot be read must not become none, nor a proxy
        return None, error.user_message


def load(path: Path, access: Access | None, *, former: Path | None = None) -> Loaded:
    """Open the ledger and what stands on it. Does not go online.

    :param path: the folder of the ledger.
    :param former: where an older version kept it.
    :raises ScenarioError: the ledger cannot be used, or this Blender lacks a module.
    """
    with suppress(ImportError):  # whoever imports a mesh says what is missing
        # here, so that no tick of the timer waits for numpy and the like
        import_module("..importing.importer", __package__)
    try:
        notice = engine.move_in(former, path) if former is not None else None
        ledger = engine.Ledger(path)
        ledger.notice = ledger.notice or notice
        jobs = {job.id: job for job in ledger.jobs()}
        connection, others = _connect(access, path, ledger, jobs) if access is not None else (None, [])
    except ModuleNotFoundError as error:
        lacks = f"This Blender lacks the Python module {error.name}"
        raise ConfigError(f"{lacks}: install the extension's zip, and Blender as blender.org builds it.") from error
    for one in [*([connection] if connection is not None else []), *others]:
        one.runner.adopt(scope=one.scope, retry=False, change=_tried_again)
        one.runner.keep_rescuing(scope=one.scope)
    catalogue = connection.catalogue if connection else engine.Catalogue(path, "offline")
    return Loaded(ledger, catalogue, connection, others, jobs, ledger.doubt, ledger.newest_backup is not None)


def _connect(
    access: Access, path: Path, ledger: Ledger, jobs: dict[JobId, Job]
) -> tuple[Connection | None, list[Connection]]:
    """Give the connection for what is new, and those for what was ordered with others and is under way."""

    def to(credentials: Credentials) -> Connection:
        return engine.connect(
            credentials,
            path,
            network=access.network,
            day_limit_cu=access.day_limit_cu,
            own_folder=path / "meshes",
            readable=access.readable,
            ledger=ledger,
            jobs=jobs,
        )

    own = access.credentials
    scopes = {job.scope for job in jobs.values() if not job.is_settled} - {own.scope if own else ""}
    others = [to(one) for scope, one in access.others.items() if scope in scopes]
    return (to(own) if own is not None else None), others


def _tried_again(job: Job) -> Job:
    """Go on with what the service has where the key was refused: another may have been entered since."""
    is_there = job.remote_id is not None or job.state is State.UNCERTAIN  # else going on would order it
    return job.retried() if is_there and job.is_held and job.error_kind in _WRONG_KEY else job
