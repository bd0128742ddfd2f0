# SPDX-License-Identifier: GPL-3.0-or-later
"""What takes long about starting: the ledger, the connection, and the modules that need them. Any thread."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from ... import engine
from ...engine.errors import ConfigError
from ...engine.ledger.job import Job
from ...engine.values import Credentials, JobId

if TYPE_CHECKING:
    from ...engine.ledger.ledger import Ledger
    from ...engine.models.catalogue import Catalogue
    from ...engine.pipeline.connection import Connection

__all__ = ["Access", "Loaded", "load"]


@dataclass(frozen=True)
class Access:
    """What the user lets the add-on use, and what this Blender can read."""

    credentials: Credentials
    day_limit_cu: Decimal | None
    readable: frozenset[str]
    """The glTF extensions that a mesh may require."""


@dataclass(frozen=True)
class Loaded:
    ledger: Ledger
    catalogue: Catalogue
    connection: Connection | None
    jobs: dict[JobId, Job]
    doubt: str | None
    """Why nobody knows what was ordered before, without a full stop; ``None`` when that is known."""
    has_backup: bool

    def close(self) -> None:
        """Let go. Steps under way end by themselves; whoever opens the ledger next finds out what became of them."""
        if self.connection is not None:
            self.connection.close()
        else:
            self.ledger.close()


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
        connection = None
        if access is not None:
            connection = engine.connect(
                access.credentials,
                path,
                day_limit_cu=access.day_limit_cu,
                own_folder=path / "meshes",
                readable=access.readable,
                ledger=ledger,
                jobs=jobs,
            )
    except ModuleNotFoundError as error:
        lacks = f"This Blender lacks the Python module {error.name}"
        raise ConfigError(f"{lacks}: install the extension's zip, and Blender as blender.org builds it.") from error
    if connection is not None:
        connection.runner.adopt(scope=connection.scope, retry=False)
        connection.runner.keep_rescuing(scope=connection.scope)
    catalogue = connection.catalogue if connection else engine.Catalogue(path, "offline")
    return Loaded(ledger, catalogue, connection, jobs, ledger.doubt, ledger.newest_backup is not None)
