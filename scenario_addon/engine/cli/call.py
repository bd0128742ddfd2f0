# SPDX-License-Identifier: GPL-3.0-or-later
"""One invocation of the command line: what was asked, and where it runs."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from ..errors import InputError
from ..gltf.document import READABLE
from ..host import Host
from ..ledger.heritage import move_in
from ..ledger.ledger import Ledger
from ..pace.clock import Clock
from ..pipeline.connection import Connection, connect
from ..pipeline.pricing import Prices
from ..settings import day_limit_cu, found_credentials, state_folder, usable_credentials
from ..terminal.interrupt import Interrupts
from ..terminal.progress import Progress
from ..values import Credentials

__all__ = ["AGAIN", "BLENDER", "Call", "UsageError"]

_HOLD_S: Final = 5.0
"""For so long all ask for a price once, where there is a limit to keep to."""
AGAIN: Final = " To order all the same, add --again."
BLENDER: Final = "Blender or the bpy module: use blender --command scenario, or pip install bpy"


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

    def connect(self, *, limit_cu: Decimal | None = None, workers: int = 2) -> Connection:
        credentials, per_day = self.credentials(), getattr(self.args, "max_cost_per_day", None)
        most_cu = per_day if per_day is not None else day_limit_cu(self.environment)
        is_limited = limit_cu is not None or most_cu is not None
        return connect(
            credentials,
            self.folder,
            ledger=self.open_ledger(),
            limit_cu=limit_cu,
            day_limit_cu=most_cu,
            workers=workers,
            prices=Prices(hold_s=_HOLD_S if is_limited else None, monotonic=self.clock.monotonic),
            readable=self.host.readable if self.host is not None else READABLE,
            clock=self.clock,
            sleep=self.clock.sleep,
        )
