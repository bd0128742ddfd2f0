# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line where the state or the meshes are on a network disk, as far as doubles go."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.disk.lease import Lease
from scenario_addon.engine.disk.machine import Machine
from tests.engine.cli.shell import Shell
from tests.engine.network_disk import ON_LINUX, mounted

pytestmark = ON_LINUX


def test_a_state_folder_that_is_not_safe_is_refused_before_anything_is_sent(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted(monkeypatch, shell.state, "fuse.rclone", "cloud:home")
    for command in (("generate", shell.picture()), ("jobs",), ("resume",)):
        answer = shell(*command)
        assert (answer.code, answer.out) == (2, "")
        assert answer.err.startswith(
            f"scenario: The ledger cannot be kept in {shell.state}, a network disk (fuse.rclone"
        )
        assert answer.err.count("\n") == 1
    assert shell.service.requests == []


def test_a_network_disk_is_used_by_one_machine_at_a_time(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    mounted(monkeypatch, shell.state)
    assert shell.generate(shell.picture("1.png")).code == 0
    requests = len(shell.service.requests)
    elsewhere = Lease(shell.state, machine=Machine("b2", "render-07"))
    answer = shell.generate(shell.picture("2.png", colour="#123456"))
    assert (answer.code, len(shell.service.requests)) == (2, requests)
    assert "is used on render-07: end Blender and scripts there" in answer.err
    elsewhere.release()
    assert shell.generate(shell.picture("2.png", colour="#123456")).code == 0
    assert len(shell.service.charges) == 2


@pytest.mark.parametrize(
    ("kind", "ok", "told"),
    [
        ("ext4", True, "on a local disk (ext4)"),
        ("nfs4", True, "on a network disk (nfs4, files:/home), for one machine at a time"),
        ("davfs", False, "on a network disk (davfs, files:/home), where it is not safe"),
    ],
)
def test_doctor_says_what_the_state_is_on(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, kind: str, ok: bool, told: str
) -> None:
    mounted(monkeypatch, shell.state, kind, "files:/home" if kind != "ext4" else "/dev/sdb1")
    answer = shell("doctor", "--json")
    (found,) = [check for check in json.loads(answer.out)["checks"] if check["name"] == "ledger"]
    assert (found["ok"], found["text"].endswith(told)) == (ok, True)
    assert ("SCENARIO_STATE_DIR" in found["fix"]) is not ok


@pytest.mark.parametrize("code", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK])
def test_meshes_and_reports_go_to_a_disk_without_links_and_rights(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(code, os.strerror(code))

    mounted(monkeypatch, shell.out, "cifs", "//nas/models")
    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(os, "chmod", refuse)
    for colour in ("#be5a28", "#28be5a"):  # into a report that is there already
        answer, report = shell.report(shell.picture(colour=colour))
        assert answer.code == 0, answer.err
        assert Path(report["items"][-1]["glb"]).exists()
    assert len(shell.meshes) == 2
