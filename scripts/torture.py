# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills the command line at random instants, again and again, and sees whether anything is lost or paid twice.

    python3 scripts/torture.py                        200 kills of one process
    python3 scripts/torture.py --processes 2          the same, with two at a time on the same ledger
    python3 scripts/torture.py --kills 50 --seed 7    other instants

Every batch of three pictures has to be delivered in the end, byte for byte, for one charge a picture. Half of the
kills fall on a submission: before it is sent, while the service works on it, or when it is done and the answer is on
its way. A submission that was claimed in the ledger and never sent is left to the user, who is played by this script.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import environments
from hunter import ANY, Hunter, Instant

if TYPE_CHECKING:
    from scenario_addon.engine.ledger.job import Job
    from tests.service import Service

__all__ = ["SUBMISSION", "Batch", "HurriedClock", "Siege", "TortureError", "main"]

HURRY: Final = 100.0
"""How many times as fast the tortured processes live: their pauses alone, not their requests."""
ITEMS: Final = 3
"""Of a batch."""
ROUND_S: Final = 120.0
"""A process that takes longer hangs."""
SUBMISSION: Final = r"^POST /v1/generate/[^?]+$"
RESULT: Final = r"^(POST /v1/assets/get-bulk|GET /assets/)"
PATIENCE: Final = 20
"""How many rounds in a row may change nothing."""
CLIENT: Final = """
import sys
from scenario_addon.engine.cli import main
from torture import HurriedClock
sys.exit(main(sys.argv[1:], clock=HurriedClock()))
"""


class TortureError(AssertionError):
    """Something was lost, or paid for twice."""


class HurriedClock:
    """Time that passes so fast that what pauses for minutes goes on within seconds."""

    def monotonic(self) -> float:
        return time.monotonic() * HURRY

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / HURRY)


@dataclass(frozen=True)
class Batch:
    """Pictures that become meshes in a folder of their own."""

    pictures: tuple[Path, ...]
    output: Path

    @property
    def report(self) -> Path:
        return self.output.with_suffix(".json")


@dataclass
class Siege:
    """One ledger and one service, whose clients are killed. ``hunter`` has to see the service's requests."""

    service: Service
    hunter: Hunter
    folder: Path
    chance: random.Random
    tally: Counter[str] = field(default_factory=Counter[str])
    """What happened how often."""
    items: int = 0
    round_s: float = ROUND_S

    def batch(self, items: int = ITEMS) -> Batch:
        """Draw pictures that nobody has seen before."""
        from tests.engine.orders import draw_picture

        number = self.tally["batches"] = self.tally["batches"] + 1
        pictures: list[Path] = []
        for name in range(items):
            self.items += 1
            path = self.folder / "pictures" / str(number) / f"{name}.png"
            pictures.append(draw_picture(path, size_px=(160, 136), colour=f"#{self.items:06x}").path)
        return Batch(tuple(pictures), self.folder / "meshes" / str(number))

    def start(self, batch: Batch) -> subprocess.Popen[str]:
        """A client that goes on with what earlier ones left of a batch."""
        root = environments.ROOT
        files = ["--output", batch.output, "--report", batch.report]
        return subprocess.Popen(
            [sys.executable, "-c", CLIENT, "generate", *self.wanted(batch), *files],
            env={**os.environ, **self._environment, "PYTHONPATH": os.pathsep.join(map(str, (root, root / "scripts")))},
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def wanted(self, batch: Batch) -> list[str | Path]:
        """What the command line asks for."""
        from tests.engine.orders import FAST_MODEL

        return [*batch.pictures, "--model", FAST_MODEL, "--set", "paint=false", "--set", "targetFaceNum=100"]

    @property
    def state(self) -> Path:
        """Where the ledger is."""
        return self.folder / "state"

    @property
    def _environment(self) -> dict[str, str]:
        return {**self.service.environment, "SCENARIO_STATE_DIR": str(self.state), "NO_PROXY": "127.0.0.1"}

    def round(self, batch: Batch, *instants: Instant | None) -> bool:
        """One client for each instant, all at once on the same batch; ``None`` lets one live.

        :return: whether one of them found that everything is there.
        """
        clients = [self.start(batch) for _ in instants]
        for client, instant in zip(clients, instants, strict=True):
            if instant is not None:
                self.hunter.hunt(lambda client=client: _kill(client), instant)
        codes = [self._end(client) for client in clients]
        if 0 not in codes and -signal.SIGKILL not in codes:
            self.tally["asked"] += self.decide()
        return 0 in codes

    def _end(self, client: subprocess.Popen[str]) -> int:
        try:
            _, told = client.communicate(timeout=self.round_s)
        except subprocess.TimeoutExpired:
            client.kill()
            raise TortureError(f"a process hung: {client.communicate()[1]}") from None
        code = client.returncode
        self.tally["kills" if code == -signal.SIGKILL else f"exit code {code}"] += 1
        if "Traceback" in told:
            raise TortureError(told)
        return code

    def decide(self) -> int:
        """Do what the user does to a submission that was lost for good: look, and submit it again.

        :return: how many there were.
        """
        from scenario_addon.engine.ledger.job import State
        from scenario_addon.engine.pipeline.actions import submit_again
        from scenario_addon.engine.pipeline.connection import connect
        from tests.engine.orders import credentials_of

        clock = HurriedClock()
        with closing(connect(credentials_of(self.service), self.state, clock=clock, sleep=clock.sleep)) as connection:
            lost = [job for job in connection.ledger.jobs() if job.state is State.UNCERTAIN and job.is_held]
            for job in lost:
                if any(self._is_of(record, job) for record in self.service.jobs.values()):
                    raise TortureError(f"the service has job {job.id} and it was not found: {job.error}")
                connection.runner.ask(job, submit_again)
            connection.runner.run([job.id for job in lost])
        return len(lost)

    def _is_of(self, record: dict[str, Any], job: Job) -> bool:
        sent: dict[str, Any] = record["metadata"]["input"]
        return all(sent.get(name) == value for name, value in job.order.body(job.assets).items())

    def besiege(self, *, kills: int, processes: int) -> None:
        """Kill until it is enough, batch after batch; the last one may end in peace."""
        batch, idle = self.batch(), 0
        while self.tally["kills"] < kills:
            before = self.tally["kills"]
            if self.chance.random() < 0.3:
                self._lose_an_answer()
            is_done = self.round(batch, *self._instants(processes))
            self.service.forget_faults()
            if is_done:
                self.check(batch)
                batch = self.batch()
            idle = 0 if is_done or self.tally["kills"] > before else idle + 1
            if idle > PATIENCE:
                raise TortureError(f"nothing happens any more: {dict(self.tally)}")
            if self.tally["kills"] // 20 > before // 20:
                print(f"{self.tally['kills']} kills, {len(self.service.charges)} charges", flush=True)
        self.relieve(batch)
        self.check_ledger()

    def relieve(self, batch: Batch) -> None:
        """Let a batch end in peace."""
        for _ in range(PATIENCE):
            if self.round(batch, None):
                self.check(batch)
                return
        raise TortureError(f"the last batch does not end: {dict(self.tally)}")

    def _instants(self, processes: int) -> list[Instant | None]:
        """One is hunted; of the others some are killed in passing."""
        others = [
            Instant(None, delay_s=self.chance.uniform(0.3, 2.0)) if self.chance.random() < 0.3 else None
            for _ in range(processes - 1)
        ]
        return [*others, self._instant()]

    def _instant(self) -> Instant:
        delay_s = self.chance.choice((0.0, 0.0, self.chance.uniform(0.0005, 0.03)))
        match self.chance.choice(("submission", "submission", "result", "any", "time")):
            case "submission":
                return Instant(SUBMISSION, self.chance.randint(1, ITEMS), delay_s)
            case "result":
                return Instant(RESULT, self.chance.randint(1, 2 * ITEMS), delay_s)
            case "any":
                return Instant(ANY, self.chance.randint(1, 25), delay_s)
        return Instant(None, delay_s=self.chance.uniform(0.3, 1.5))

    def _lose_an_answer(self) -> None:
        from tests.service import Fault

        pattern, method = self.chance.choice((("/generate/", "POST"), ("/jobs/", "GET"), ("^/assets/", "GET")))
        fault = self.chance.choice((Fault.LOST_ANSWER, Fault.TRUNCATED))
        self.service.fail(method, pattern, fault, after=self.chance.randint(0, 5))
        self.tally["answers lost besides"] += 1

    def check(self, batch: Batch) -> None:
        """Everything of a finished batch is there, whole, once, and nothing else is."""
        jobs = [job for job in self._jobs() if job.order.folder == batch.output]
        expected = {picture.with_suffix(".glb").name for picture in batch.pictures}
        found = {path.name for path in batch.output.iterdir()}
        if found != expected or len(jobs) != len(expected):
            raise TortureError(f"{len(jobs)} jobs made {sorted(found)} of {sorted(expected)}")
        for job in jobs:
            if job.file is None or job.remote_id is None:
                raise TortureError(f"job {job.id} has nothing to show: {job.state}")
            if job.file.path.read_bytes() != self.service.result_bytes(job.remote_id):
                raise TortureError(f"{job.file.path} is not what the service made")
        self.check_charges()

    def check_charges(self) -> None:
        """Each charge belongs to one job of the ledger, and each job to one charge."""
        charged = sorted(charge.job_id for charge in self.service.charges)
        known = sorted(job.remote_id for job in self._jobs() if job.remote_id is not None)
        if charged != known:
            raise TortureError(f"{len(charged)} charges for {len(known)} jobs: {set(charged) ^ set(known)}")

    def check_ledger(self) -> None:
        """The ledger is sound and knows every item, and no process has left anything unfinished."""
        if len(self._jobs()) != self.items or len(self.service.charges) != self.items:
            raise TortureError(f"{self.items} items, {len(self._jobs())} jobs, {len(self.service.charges)} charges")
        with closing(sqlite3.connect(self.state / "ledger.sqlite3")) as db:
            (verdict,) = db.execute("PRAGMA integrity_check").fetchone()
        left = list(self.folder.rglob("*.part*"))
        if verdict != "ok" or left:
            raise TortureError(f"the ledger: {verdict}; left behind: {left}")

    def _jobs(self) -> Sequence[Job]:
        from scenario_addon.engine.ledger.ledger import Ledger

        with closing(Ledger(self.state)) as ledger:
            return ledger.jobs()


def _kill(client: subprocess.Popen[str]) -> None:
    client.kill()
    client.wait()


def main(arguments: Sequence[str]) -> int:
    """Run in the environment of the engine's tests."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--processes", type=int, default=1, help="on the same ledger at once, default: %(default)s")
    options = parser.parse_args(arguments)
    if (code := environments.elsewhere("engine", __file__, arguments)) is not None:
        return code
    sys.path.insert(0, str(environments.ROOT))
    from tests.service import Service

    hunter, started_s = Hunter(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder, Service(job_polls=3, on_request=hunter.saw) as service:
        siege = Siege(service, hunter, Path(folder), random.Random(options.seed))
        try:
            siege.besiege(kills=options.kills, processes=options.processes)
        except TortureError as error:
            print(f"torture: seed {options.seed}: {error}", file=sys.stderr)
            return 1
        _report(siege, seconds=time.monotonic() - started_s)
    return 0


def _report(siege: Siege, *, seconds: float) -> None:
    print(f"{siege.tally['kills']} kills survived in {seconds:.0f} s")
    print(f"charges: {siege.items} expected, {len(siege.service.charges)} made")
    for what, number in sorted(siege.tally.items()):
        print(f"  {what}: {number}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
