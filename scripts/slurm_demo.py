# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch on a real Slurm whose tasks are killed, queued again and out of time: `python3 scripts/slurm_demo.py`.

Starts a Slurm of one node on this machine and the local stand-in of Scenario's service, submits a manifest as
scripts/slurm/submit.sh does for anybody, and lets one task be killed, one be requeued and one run out of time. In the
end every item has to be there, byte for byte, for one charge each, and the gathered report has to say so.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import environments
from slurm_cluster import Cluster, ClusterError, missing

if TYPE_CHECKING:
    from tests.service import Request, Service

__all__ = ["Demo", "DemoError", "main"]

NOT_RUN: Final = 2
JOB_S: Final = 1.5
SUBMIT: Final = Path(__file__).parent / "slurm" / "submit.sh"
ROUND_S: Final = 900.0
QUIET_S: Final = 0.6
"""For so long nothing was ordered, when a task is killed."""
ROUNDS: Final = 3
"""How often the same command is given, at most; in between it is decided what was killed just before it was sent."""
ENDED: Final = frozenset({"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY"})


class DemoError(AssertionError):
    """Something was lost, paid for twice, or never ended."""


class Orders:
    """Sees when something is ordered. Threads of the stand-in call it."""

    def __init__(self) -> None:
        self._at_s = -math.inf

    def saw(self, request: Request) -> None:
        if "/generate/" in request.path and "dryRun" not in request.query:
            self._at_s = time.monotonic()

    @property
    def are_quiet(self) -> bool:
        """Whether none has been answered or refused for a moment."""
        return time.monotonic() - self._at_s > QUIET_S


@dataclass
class Demo:
    """One manifest, one output folder, one Slurm, one service."""

    cluster: Cluster
    service: Service
    orders: Orders
    folder: Path
    items: int = 40
    shards: int = 4
    patient: bool = False
    """Whether to wait the two minutes that Slurm leaves between a requeue and the next start."""
    is_anytime: bool = False
    """Whether to strike also while an order is on its way: then it is looked for, for five minutes, and the user is
    asked where it never arrived. This script plays the user."""
    began_s: float = field(default_factory=time.monotonic)

    @property
    def output(self) -> Path:
        return self.folder / "meshes"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **self.cluster.environment,
            **self.service.environment,
            "SCENARIO": f"{sys.executable} -m scenario_addon",
            "PYTHONPATH": str(environments.ROOT),
            "NO_PROXY": "127.0.0.1",
        }

    def tell(self, text: str) -> None:
        print(f"{time.monotonic() - self.began_s:6.1f} s  {text}", flush=True)

    def write_manifest(self) -> Path:
        """Draw a picture for each row: no two are alike, so that each has to be paid for."""
        from tests.engine.orders import FAST_MODEL, draw_picture

        path = self.folder / "rows.csv"
        rows = ["image,model,paint,targetFaceNum"]
        for number in range(self.items):
            picture = draw_picture(
                self.folder / f"pictures/{number:03}.png", size_px=(160, 136), colour=f"#{0x102030 + 977 * number:06x}"
            )
            rows.append(f"pictures/{picture.path.name},{FAST_MODEL},false,100")
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        return path

    def submit(self, manifest: Path) -> tuple[str, str]:
        """Submit the array and the job that gathers; gives their ids."""
        told = self.cluster.run(SUBMIT, manifest, str(self.shards), self.output, environment=self.environment)
        array, gather = told.splitlines()[-1].split()
        self.tell(f"sbatch: array {array} of {self.shards} tasks, then {gather}")
        return array, gather

    def wait_for_charges(self, count: int) -> None:
        """Wait until a part is under way, and nothing is just being ordered."""

        def is_time() -> bool:
            return len(self.service.charges) >= count and (self.is_anytime or self.orders.are_quiet)

        _wait(is_time, f"{count} orders", pause_s=0.02)

    def disturb(self, array: str) -> None:
        """Kill a task and queue it again, requeue one, and tell one that its time is over."""
        self.cluster.run("scancel", "--signal=KILL", "--batch", f"{array}_1")  # without it, Slurm sends TERM first
        self.tell(f"scancel --signal=KILL --batch {array}_1")
        self.cluster.run("scontrol", "requeue", f"{array}_2")
        self.tell(f"scontrol requeue {array}_2")
        self.cluster.run("scancel", "--signal=USR1", "--batch", f"{array}_3")
        self.tell(f"scancel --signal=USR1 --batch {array}_3 (as when its time is over)")
        _wait(lambda: self._state(array, 1) in ENDED, f"{array}_1 to be dead")
        self.tell(f"{array}_1 is {self._state(array, 1)}, {len(self.service.charges)} charges")
        self.cluster.run("scontrol", "requeue", f"{array}_1")
        self.tell(f"scontrol requeue {array}_1")

    def _state(self, array: str, task: int) -> str:
        return self.cluster.states(array).get(f"{array}_{task}", "")

    def wait_for_end(self, array: str, gather: str) -> None:
        """Wait until the array has ended and its reports are gathered."""
        last: dict[str, str] = {}
        hurried: set[str] = set()

        def is_over() -> bool:
            nonlocal last
            states = {**self.cluster.states(array), **self.cluster.states(gather)}
            if states != last:
                words = ", ".join(f"{job} {state.lower()}" for job, state in sorted(states.items()))
                self.tell(f"{words}; {len(self.service.charges)} charges")
                last = states
            pending = {job for job, state in states.items() if state == "PENDING"} - {gather}
            for job in () if self.patient else pending - hurried:
                self._hurry(job)
            hurried.intersection_update(pending)
            hurried.update(pending)
            return bool(states) and set(states.values()) <= ENDED

        _wait(is_over, "the array to end", pause_s=0.5)

    def _hurry(self, job: str) -> None:
        """Have a task run again in seconds. At once would be refused: a node knows by the second what it has killed."""
        with suppress(ClusterError):  # it is still on its way out
            self.cluster.run("scontrol", "update", f"JobId={job}", "StartTime=now+3")

    def report(self) -> dict[str, Any]:
        try:
            return json.loads((self.output / "report.json").read_text(encoding="utf-8"))
        except OSError as error:
            said = self.output / ".shards" / "gather.log"
            raise DemoError(f"no report: {said.read_text(encoding='utf-8') if said.exists() else error}") from error

    def is_complete(self) -> bool:
        """Whether every item is there; tells of those that are not."""
        items = self.report()["items"]
        for item in items:
            if item["error"] is not None:
                self.tell(f"{Path(item['image']).name}: {item['state']}: {item['error']}")
        return sum(item["error"] is None and bool(item["glb"]) for item in items) == self.items

    def decide(self) -> int:
        """Do what the user does about an order that was noted and never sent: look, and submit it again.

        :return: how many there were.
        """
        count = 0
        for shard in range(1, self.shards + 1):
            state = {**self.environment, "SCENARIO_STATE_DIR": str(self.output / ".shards" / str(shard))}
            told = subprocess.run([*self._command, "jobs", "--json"], env=state, capture_output=True, check=True).stdout
            for job in json.loads(told):
                if job["state"] == "uncertain":
                    again = [*self._command, "resume", "--submit-again", job["id"]]
                    subprocess.run(again, env=state, capture_output=True, check=False)
                    count += 1
        return count

    @property
    def _command(self) -> list[str]:
        return self.environment["SCENARIO"].split()

    def check(self) -> None:
        """Compare the report, the files, and what the service charged.

        :raises DemoError: they do not agree.
        """
        items = self.report()["items"]
        made = {item["image"]: item for item in items if item["error"] is None and item["glb"]}
        if len(items) != self.items or len(made) != self.items:
            wrong = [f"{item['image']}: {item['state']}, {item['error']}" for item in items if item["error"]]
            raise DemoError(f"{len(items)} items reported, {len(made)} made: {wrong}")
        for item in items:
            if Path(item["glb"]).read_bytes() != self.service.result_bytes(item["remote_id"]):
                raise DemoError(f"{item['glb']} is not what the service made")
        charged = sorted(charge.job_id for charge in self.service.charges)
        if charged != sorted({item["remote_id"] for item in items}):
            raise DemoError(f"{len(charged)} charges for {self.items} items")
        refused = sum(request.status == 429 for request in self.service.requests)
        self.tell(f"{len(made)} of {self.items} items, {len(charged)} charges, {self.report()['cost_cu']} CU reported")
        self.tell(f"{refused} submissions were refused for the account's limit, and made later")

    def run(self) -> None:
        """Submit, disturb, and go on until everything is there.

        :raises DemoError: it never is.
        """
        manifest = self.write_manifest()
        for number in range(ROUNDS):
            array, gather = self.submit(manifest)
            if number == 0:
                self.wait_for_charges(self.items // 5)
                self.disturb(array)
            self.wait_for_end(array, gather)
            if self.is_complete():
                break
            self.tell(f"{self.decide()} orders were noted and never sent: ordered again, as the user would")
        self.check()


def _wait(is_so: Callable[[], bool], what: str, *, pause_s: float = 0.1) -> None:
    until_s = time.monotonic() + ROUND_S
    while not is_so():
        if time.monotonic() > until_s:
            raise DemoError(f"waited for {what} in vain")
        time.sleep(pause_s)


def main(arguments: Sequence[str]) -> int:
    """Run in the environment of the engine's tests."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=40, help="default: %(default)s")
    parser.add_argument("--shards", type=int, default=4, choices=range(4, 9), help="default: %(default)s")
    parser.add_argument("--parallel", type=int, default=6, help="jobs that the account may have at once (%(default)s)")
    parser.add_argument("--anytime", action="store_true", help="kill also while an order is on its way")
    parser.add_argument("--patient", action="store_true", help="wait as long as Slurm does before a task runs again")
    options = parser.parse_args(arguments)
    if packages := missing():
        print(f"not run: needs {', '.join(packages)}", file=sys.stderr)
        return NOT_RUN
    if (code := environments.elsewhere("engine", __file__, arguments)) is not None:
        return code
    sys.path.insert(0, str(environments.ROOT))
    from tests.service import Service

    orders = Orders()
    with (
        tempfile.TemporaryDirectory(prefix="slurm-") as name,
        Service(job_seconds=JOB_S, parallel_jobs=options.parallel, on_request=orders.saw) as service,
    ):
        folder = Path(name)
        (folder / "slurm").mkdir()
        try:
            with Cluster(folder / "slurm") as cluster:
                print(cluster.version, flush=True)
                how = options.items, options.shards, options.patient, options.anytime
                Demo(cluster, service, orders, folder, *how).run()
        except (ClusterError, DemoError) as error:
            print(f"slurm_demo: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
