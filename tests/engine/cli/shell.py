# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line as a test calls it: in this process, against the stand-in, without any real waiting."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from scenario_addon.engine.cli import main
from scenario_addon.engine.host import Host
from scenario_addon.engine.ledger.job import Job
from scenario_addon.engine.ledger.ledger import Ledger
from tests.engine.orders import FAST_MODEL, draw_picture
from tests.service import Request, Service

__all__ = ["FAST", "RUNNING_S", "Answer", "QuickClock", "Shell"]

FAST: Final = ("--model", FAST_MODEL, "--set", "paint=false", "--set", "targetFaceNum=100")
"""Settings with which the stand-in is done in milliseconds."""
RUNNING_S: Final = 1.0
"""After the submission, before the first look at the job."""


@dataclass
class QuickClock:
    """Sleeps in no time.

    :param interrupt_at_s: when the user presses Ctrl-C, in seconds since the start; ``None`` for never.
    """

    interrupt_at_s: float | None = None
    now_s: float = 0.0

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds
        if self.interrupt_at_s is not None and self.now_s >= self.interrupt_at_s:
            raise KeyboardInterrupt


@dataclass(frozen=True)
class Answer:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """The results, a line each."""
        return self.out.splitlines()

    @property
    def paths(self) -> list[Path]:
        """The results, as paths."""
        return [Path(line) for line in self.lines]


@dataclass
class Shell:
    """Runs commands with the environment of somebody who has set up everything."""

    service: Service
    folder: Path
    capsys: pytest.CaptureFixture[str]
    host: Host | None = None
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.state = self.folder / "state"
        self.environment = {**self.service.environment, "SCENARIO_STATE_DIR": str(self.state)}

    def __call__(
        self, *args: str | Path, clock: QuickClock | None = None, environment: Mapping[str, str] | None = None
    ) -> Answer:
        environment = self.environment if environment is None else environment
        code = main([str(a) for a in args], host=self.host, environment=environment, clock=clock or QuickClock())
        told = self.capsys.readouterr()
        return Answer(code, told.out, told.err)

    def generate(self, *args: str | Path, **more: Any) -> Answer:
        """``generate`` with the fast model, into the folder ``out`` unless another one is given."""
        output = () if "--output" in args else ("--output", self.out)
        return self("generate", *args, *FAST, *output, **more)

    def report(self, *args: str | Path, **more: Any) -> tuple[Answer, dict[str, Any]]:
        """The same with a report, which is given too."""
        answer = self.generate(*args, "--report", self.folder / "report.json", **more)
        return answer, json.loads((self.folder / "report.json").read_text(encoding="utf-8"))

    def without(self, *names: str) -> dict[str, str]:
        """The environment without some variables."""
        return {name: value for name, value in self.environment.items() if name not in names}

    def picture(self, name: str = "photo.png", *, colour: str = "#be5a28") -> Path:
        """A picture that every model takes."""
        return draw_picture(self.folder / name, size_px=(160, 136), colour=colour).path

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def meshes(self) -> set[str]:
        """The names of what is in the output folder."""
        return {path.name for path in self.out.iterdir()}

    @property
    def jobs(self) -> list[Job]:
        """The ledger."""
        ledger = Ledger(self.state)
        try:
            return list(ledger.jobs())
        finally:
            ledger.close()

    @property
    def submissions(self) -> list[Request]:
        """The requests that cost something."""
        return [
            request
            for request in self.service.requests
            if request.method == "POST" and "/generate/" in request.path and "dryRun" not in request.query
        ]

    @property
    def uploads(self) -> int:
        return self.service.count("POST", r"/v1/(assets|uploads)$")
