# SPDX-License-Identifier: GPL-3.0-or-later
"""Shards of one manifest at once, each with a ledger of its own, on an account that has room for few jobs."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.engine.cli.child import hurried
from tests.engine.cli.shell import FAST, Shell
from tests.service import Service

SHARDS: Final = 3
ITEMS: Final = 18
ROOM: Final = 2
"""So many jobs the account may have: fewer than there are shards."""

pytestmark = pytest.mark.slow


@pytest.fixture
def service() -> Iterator[Service]:
    with Service(job_seconds=0.2, parallel_jobs=ROOM) as running:
        yield running


def started(shell: Shell, manifest: Path, number: int) -> subprocess.Popen[str]:
    report = shell.folder / f"{number}.json"
    line = ["batch", manifest, *FAST, "--shard", f"{number}/{SHARDS}", "--output", shell.out, "--report", report]
    state = {"SCENARIO_STATE_DIR": str(shell.folder / f"state-{number}")}
    return subprocess.Popen(**hurried(shell, *line, **state), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def test_shards_that_share_an_accounts_room_wait_for_each_other_and_no_item_fails(shell: Shell) -> None:
    pictures = [shell.picture(f"{n}.png", colour=f"#{n * 13:02x}58be") for n in range(ITEMS)]
    manifest = shell.folder / "rows.csv"
    manifest.write_text("\n".join(["image", *(path.name for path in pictures)]))
    processes = [started(shell, manifest, number) for number in range(1, SHARDS + 1)]
    told = [process.communicate(timeout=120)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * SHARDS, told
    reports = [shell.folder / f"{number}.json" for number in range(1, SHARDS + 1)]
    assert shell("report", "--merge", *reports, "--output", shell.folder / "all.json").code == 0
    items: list[dict[str, Any]] = json.loads((shell.folder / "all.json").read_text(encoding="utf-8"))["items"]
    assert (len(items), {item["error"] for item in items}) == (ITEMS, {None})
    assert len(shell.meshes) == ITEMS
    assert sorted(charge.job_id for charge in shell.service.charges) == sorted(item["remote_id"] for item in items)
    refused = [request for request in shell.submissions if request.status == 429]
    assert refused, "or the account's room was never short"
    assert len(refused) < 6 * ITEMS, "nobody knocks all the time"
