# SPDX-License-Identifier: GPL-3.0-or-later
"""The job type for Flamenco, against a double of what its Manager gives to one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from scenario_addon.engine.cli.arguments import parse
from tests.flamenco import NEEDS_NODE, CompileError, compiled, job_type

pytestmark = NEEDS_NODE
GIVEN: Final = {"manifest": "/net/rows one.csv", "output": "/net/out put"}
TYPES: Final = {"string", "int32", "float", "bool"}
"""Which settings have, by the Manager's API."""


def arguments(task: dict[str, Any]) -> list[str]:
    (command,) = task["commands"]
    assert (command["name"], command["parameters"]["exe"]) == ("exec", "{blender}")
    assert set(command["parameters"]) == {"exe", "args"}
    assert all(isinstance(word, str) for word in command["parameters"]["args"])
    return command["parameters"]["args"]


def command_line(task: dict[str, Any]) -> list[str]:
    args = arguments(task)
    assert args[args.index("--command") + 1] == "scenario"
    return args[args.index("--command") + 2 :]


def test_its_settings_are_of_types_that_the_manager_knows() -> None:
    told = job_type()
    assert told["label"] == "Scenario 3D Batch"
    settings = {setting["key"]: setting for setting in told["settings"]}
    assert {key for key, setting in settings.items() if setting.get("required")} == {"manifest", "output"}
    for setting in settings.values():
        assert setting["type"] in TYPES and setting["description"]
        assert setting.get("required") or "default" in setting


def test_each_shard_is_a_task_and_the_report_waits_for_all() -> None:
    *shards, report = compiled(**GIVEN, shards=3)
    assert [task["name"] for task in shards] == ["shard-1-of-3", "shard-2-of-3", "shard-3-of-3"]
    assert all(task["needs"] == [] and task["type"] == "blender" for task in shards)
    assert (report["name"], report["needs"]) == ("report", [task["name"] for task in shards])


def test_a_shard_is_what_the_command_line_makes_of_its_rows() -> None:
    tasks = compiled(
        **GIVEN, shards=2, model="model_x", max_cost="12.5", blend=True, options="  --jobs 4  --skip-bad --again"
    )
    args = parse(command_line(tasks[1]))
    assert (args.manifest, args.shard.number, args.shard.count) == (Path("/net/rows one.csv"), 2, 2)
    assert (args.output, args.report) == (Path("/net/out put"), Path("/net/out put/.shards/2.json"))
    assert (args.model, str(args.max_cost), args.blend) == (["model_x"], "12.5", True)
    assert (args.jobs, args.skip_bad, args.again) == (4, True, True)


def test_what_is_not_given_is_left_to_the_command_line() -> None:
    tasks = compiled(**GIVEN)
    assert len(tasks) == 5
    args = parse(command_line(tasks[0]))
    assert (args.model, args.max_cost, args.blend, args.again, args.jobs) == (None, None, False, False, None)


def test_the_report_is_made_of_those_of_all_shards() -> None:
    *_, report = compiled(**GIVEN, shards=2)
    args = parse(command_line(report))
    assert args.merge == ["/net/out put/.shards/1.json", "/net/out put/.shards/2.json"]
    assert args.output == Path("/net/out put/report.json")


def test_the_report_does_not_go_online_and_the_shards_do() -> None:
    *shards, report = compiled(**GIVEN, shards=2)
    assert arguments(report)[0] == "--offline-mode"
    assert {arguments(task)[0] for task in shards} == {"--online-mode"}


@pytest.mark.parametrize("shards", [0, -1, None])
def test_a_job_without_shards_is_refused(shards: int | None) -> None:
    with pytest.raises(CompileError, match=r"has to be 1 or more\."):
        compiled(**GIVEN, shards=shards)


def prepared(task: dict[str, Any], output: Path) -> subprocess.CompletedProcess[str]:
    """Run what Blender runs before the command line, and print where the state is then."""
    args = arguments(task)
    code = args[args.index("--python-expr") + 1] + '\nprint(os.environ["SCENARIO_STATE_DIR"])'
    return subprocess.run(
        [sys.executable, "-c", code, "--output", str(output)], capture_output=True, text=True, timeout=60
    )


def test_each_shard_has_a_ledger_of_its_own_whoever_makes_it(tmp_path: Path) -> None:
    *shards, _ = compiled(**GIVEN, shards=2)
    told = [prepared(task, tmp_path / "o u't").stdout.strip() for task in (*shards, *shards)]
    assert told == [str(tmp_path / "o u't" / ".shards" / number) for number in ("1", "2", "1", "2")]


def test_a_job_that_divides_the_rows_otherwise_than_the_one_before_is_refused(tmp_path: Path) -> None:
    assert prepared(compiled(**GIVEN, shards=2)[0], tmp_path).returncode == 0
    refused = prepared(compiled(**GIVEN, shards=3)[0], tmp_path)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.strip() == "The output was begun with 2-shards: go on with as many."
    assert prepared(compiled(**GIVEN, shards=2)[1], tmp_path).returncode == 0
