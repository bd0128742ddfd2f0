# SPDX-License-Identifier: GPL-3.0-or-later
"""One invocation of the command line: what was asked, and where it runs."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from ..account.projects import missing_project
from ..api.client import ScenarioClient
from ..api.http import Http
from ..errors import AuthError, Forbidden, InputError, Rejected, ScenarioError
from ..gltf.document import READABLE
from ..host import Host
from ..ledger.heritage import move_in
from ..ledger.ledger import Ledger
from ..pace.clock import Clock
from ..pipeline.connection import AGENT, Connection, connect
from ..pipeline.pricing import Prices
from ..settings import day_limit_cu, found_credentials, network_of, state_folder, usable_credentials
from ..terminal.interrupt import Interrupts
from ..terminal.progress import Progress
from ..values import Credentials

__all__ = ["AGAIN", "BLENDER", "MAY_LACK_A_PROJECT", "Call", "UsageError"]

_HOLD_S: Final = 5.0
"""For so long all ask for a price once, where there is a limit to keep to."""
AGAIN: Final = " To order all the same, add --again."
BLENDER: Final = "Blender or the bpy module: use blender --command scenario, or pip install bpy"

MAY_LACK_A_PROJECT: Final = (AuthError, Forbidden, Rejected)
"""How the service may refuse a team's key that comes without a project."""


class UsageError(InputError):
    """The command line itself is wrong."""


@dataclass(frozen=True, slots=True)
class Call:
    args: argparse.Namespace
    host: Host | None
    environment: Mapping[str, str]
    progress: Progress
    clock: Clock
    interrupts: Interrupts

    @property
    def folder(self) -> Path:
        """Where the ledger lives."""
        return state_folder(self.environment)

    def open_ledger(self) -> Ledger:
        """Open the ledger, with what an older version kept elsewhere.

        :raises DiskError: it cannot be used.
        :raises ConfigError: it cannot be where it is, or another machine uses it.
        """
        former = self.host.former_folder if self.host is not None else None
        notice = move_in(former, self.folder) if former is not None else None
        ledger = Ledger(self.folder)
        for text in (notice, ledger.notice):
            if text:
                self.progress.line(text)
        return ledger

    def found_credentials(self) -> Credentials | None:
        """Find the environment's credentials, else those entered in Blender; ``None`` for neither.

        :raises ConfigError: they cannot be used.
        """
        return found_credentials(self.environment, self.host)

    def credentials(self) -> Credentials:
        """What to go online with.

        :raises CredentialsMissing: there is nothing.
        :raises OfflineError: Blender may not go online.
        """
        return usable_credentials(self.found_credentials(), self.host)

    def explained(self, error: ScenarioError) -> ScenarioError:
        """Say what is behind a refusal where a team's key is used without a project: which there are to choose from.

        Blocks for a request; gives the error itself where it is something else.
        """
        with suppress(ScenarioError):
            found = self.found_credentials() if isinstance(error, MAY_LACK_A_PROJECT) else None
            if found is not None and found.project_id is None:
                http = Http(found, user_agent=AGENT, network=network_of(self.host), sleep=self.clock.sleep)
                with closing(ScenarioClient(http)) as client:
                    return missing_project(client) or error
        return error

    def connect(self, *, limit_cu: Decimal | None = None, workers: int = 2) -> Connection:
        credentials, per_day = self.credentials(), getattr(self.args, "max_cost_per_day", None)
        most_cu = per_day if per_day is not None else day_limit_cu(self.environment)
        is_limited = limit_cu is not None or most_cu is not None
        return connect(
            credentials,
            self.folder,
            network=network_of(self.host),
            ledger=self.open_ledger(),
            limit_cu=limit_cu,
            day_limit_cu=most_cu,
            workers=workers,
            prices=Prices(hold_s=_HOLD_S if is_limited else None, monotonic=self.clock.monotonic),
            readable=self.host.readable if self.host is not None else READABLE,
            clock=self.clock,
            sleep=self.clock.sleep,
        )
