# SPDX-License-Identifier: GPL-3.0-or-later
"""What is given to Slurm: the scripts against doubles of its programs, and on a real one where it is installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import slurm_cluster
import slurm_demo

SCRIPTS: Final = Path(slurm_demo.__file__).parent
PROGRAM: Final = """
import os, signal, sys, time
ended = []
signal.signal(signal.SIGTERM, lambda number, frame: ended.append(int(os.environ["AFTER_TERM"])))
print(*sys.argv[1:], os.environ["SCENARIO_STATE_DIR"], sep="|", flush=True)
code, seconds = int(os.environ["CODE"]), float(os.environ["SECONDS_IT_TAKES"])
until = time.monotonic() + seconds
while time.monotonic() < until and not ended:
    time.sleep(0.01)
sys.exit((ended or [code])[0])
"""
"""Says how it is called, and ends as told, or gently by TERM."""

pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or not shutil.which("bash"), reason="Slurm's scripts are bash's"
)


@dataclass
class Site:
    """A login node and a compute node in one, whose Slurm writes down what it is told."""

    folder: Path

    def __post_init__(self) -> None:
        self.bin, self.output = self.folder / "bin", self.folder / "out put"
        self.bin.mkdir()
        (self.folder / "rows.csv").write_text("image\na.png\n")
        (self.folder / "program.py").write_text(PROGRAM)
        for name in ("sbatch", "scontrol", "sleep"):
            self.double(name, f'printf "%s|" {name} "$@" >>{self.folder}/told; echo >>{self.folder}/told; echo 7')

    def double(self, name: str, text: str) -> None:
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    @property
    def told(self) -> list[str]:
        path = self.folder / "told"
        return path.read_text().splitlines() if path.exists() else []

    def run(self, script: str, *args: str | Path, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["bash", SCRIPTS / "slurm" / script, *args],
            env=self.environment(environment),
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        return {
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "SCENARIO": f"{sys.executable} program.py",
            "SLURM_ARRAY_TASK_ID": "2",
            "SLURM_ARRAY_JOB_ID": "40",
            "CODE": "0",
            "AFTER_TERM": "130",
            "SECONDS_IT_TAKES": "0",
            **more,
        }

    def task(self, **environment: str) -> subprocess.Popen[str]:
        return self.run("array.sh", "rows.csv", "4", self.output, "--max-cost", "9", **environment)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_an_array_is_submitted_and_a_job_that_gathers_after_it(site: Site) -> None:
    code, out, err = ended(site.run("submit.sh", "rows.csv", "4", site.output, "--max-cost", "9"))
    assert (code, out, err) == (0, "7 7\n", "")
    array, gather = site.told
    assert "|--array=1-4|" in array and array.endswith(f"|{site.folder}/rows.csv|4|{site.output}|--max-cost|9|")
    assert "|--dependency=afterany:7|" in gather and gather.endswith(f"/gather.sh|{site.output}|")


def test_a_folder_that_was_begun_with_other_shards_is_refused(site: Site) -> None:
    assert ended(site.run("submit.sh", "rows.csv", "4", site.output))[0] == 0
    assert ended(site.run("submit.sh", "rows.csv", "4", site.output))[0] == 0
    code, _, err = ended(site.run("submit.sh", "rows.csv", "5", site.output))
    assert (code, len(site.told)) == (2, 4)
    assert ended(site.run("submit.sh", "rows.csv", "4", site.output))[0] == 0
    assert "was begun with 4-shards: go on with as many." in err


@pytest.mark.parametrize("args", [["rows.csv"], ["rows.csv", "0", "out"], ["rows.csv", "x", "out"]])
def test_wrong_usage_submits_nothing(site: Site, args: list[str]) -> None:
    assert ended(site.run("submit.sh", *args))[0] == 2
    assert site.told == []


def test_a_manifest_that_is_not_there_submits_nothing(site: Site) -> None:
    code, _, err = ended(site.run("submit.sh", "nothing.csv", "2", site.output))
    assert code != 0 and "nothing.csv" in err
    assert site.told == []


@pytest.mark.parametrize("code", ["0", "1", "3", "4"])
def test_a_task_makes_its_shard_with_a_ledger_of_its_own(site: Site, code: str) -> None:
    ended_with, out, err = ended(site.task(CODE=code))
    assert (ended_with, err, site.told) == (int(code), "", [])
    expected = f"batch|rows.csv|--shard|2/4|--output|{site.output}|--report|{site.output}/.shards/2.json"
    assert out == f"{expected}|--log|{site.output}/.shards/2.jsonl|--max-cost|9|{site.output}/.shards/2\n"


@pytest.mark.parametrize(
    ("number", "code", "requeued"),
    [("SIGUSR1", "130", True), ("SIGTERM", "130", False), ("SIGUSR1", "0", False), ("SIGUSR1", "4", False)],
)
def test_a_task_ends_gently_and_queues_again_only_when_its_time_is_over_before_it_is_done(
    site: Site, number: str, code: str, requeued: bool
) -> None:
    process = site.task(SECONDS_IT_TAKES="60", AFTER_TERM=code)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(getattr(signal, number))
    assert ended(process)[0] == int(code)
    assert site.told == (["scontrol|requeue|40_2|"] if requeued else [])


@pytest.mark.parametrize(("restarts", "calls"), [("0", 1), ("1", 4)])
def test_a_task_that_runs_again_waits_for_another_node_to_let_go_of_its_ledger(
    site: Site, restarts: str, calls: int
) -> None:
    code, out, _ = ended(site.task(CODE="2", SLURM_RESTART_COUNT=restarts))
    assert (code, out.count("batch|")) == (2, calls)
    assert site.told == ["sleep|60|"] * (calls - 1)


def test_without_slurm_the_demo_says_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(slurm_cluster.shutil, "which", lambda program, path: None)
    assert slurm_demo.main([]) == slurm_demo.NOT_RUN
    assert capsys.readouterr().err == "not run: needs munge, slurm-client, slurmctld, slurmd\n"


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(bool(slurm_cluster.missing()), reason=f"needs {', '.join(slurm_cluster.missing())}")
def test_on_a_real_slurm_nothing_is_lost_or_paid_twice_though_tasks_are_killed() -> None:
    command = [sys.executable, SCRIPTS / "slurm_demo.py", "--items", "20", "--parallel", "8"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "20 of 20 items, 20 charges" in done.stdout
    assert "_1 is FAILED" in done.stdout
