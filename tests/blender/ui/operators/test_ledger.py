# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger that cannot be used is said, and tried again.

One that has lost what was ordered: the tab asks, and nothing is ordered until somebody has decided.
"""

from __future__ import annotations

from pathlib import Path

import bpy
import pytest

from scenario_addon.blender.app import config
from scenario_addon.blender.app.session import session
from scenario_addon.engine.disk.lease import Lease
from scenario_addon.engine.disk.machine import Machine
from scenario_addon.engine.ledger.job import Job, State
from tests.blender.fake_layout import drawn
from tests.blender.live import Live
from tests.engine.network_disk import ON_LINUX, mounted


@pytest.fixture
def lost(live: Live) -> Job:
    """A job that was delivered, and of which the ledger knows nothing any more."""
    job = live.generate()
    session.close()
    (config.folder() / "ledger.sqlite3").unlink()
    live.restart()
    return job


def test_the_tab_says_so_in_red_and_offers_both_ways_out(live: Live, lost: Job) -> None:
    shown = drawn("SCENARIO_PT_main")
    assert "The ledger" in shown.red and "is gone" in shown.red and "nothing is ordered" in shown.red
    shown.button("scenario.restore_backup")
    shown.button("scenario.order_all_the_same")
    with live.in_window():
        assert not bpy.ops.scenario.generate.poll()
    assert str(shown).count("is gone") == 1


def test_nothing_is_ordered_by_a_script_either(live: Live, lost: Job) -> None:
    with pytest.raises(RuntimeError, match=r"is gone.*bpy\.ops\.scenario\.order_all_the_same"):
        bpy.ops.scenario.generate()
    assert live.jobs == []
    assert len(live.service.charges) == 1


def test_the_backup_brings_the_jobs_back(live: Live, lost: Job) -> None:
    assert bpy.ops.scenario.restore_backup() == {"FINISHED"}
    session.load_now()
    assert (session.doubt, live.job.id, live.job.remote_id) == (None, lost.id, lost.remote_id)
    live.pump_until(lambda: not session.is_busy)
    assert bpy.ops.scenario.generate() == {"FINISHED"}
    assert len(live.service.charges) == 2


def test_who_orders_all_the_same_begins_a_new_list(live: Live, lost: Job) -> None:
    assert bpy.ops.scenario.order_all_the_same() == {"FINISHED"}
    session.load_now()
    assert session.doubt is None
    assert bpy.ops.scenario.generate() == {"FINISHED"}
    live.restart()
    assert (session.doubt, live.job.state) == (None, State.IMPORTED)


def test_without_a_backup_none_is_offered(live: Live, lost: Job) -> None:
    session.close()
    for backup in (config.folder() / "backups").glob("*.sqlite3"):
        backup.unlink()
    live.restart()
    shown = drawn("SCENARIO_PT_main")
    assert [b.operator for b in shown.operators if b.operator == "scenario.restore_backup"] == []
    with pytest.raises(RuntimeError, match="No backup"):
        bpy.ops.scenario.restore_backup()
    live.restart()
    assert session.doubt


def test_where_all_is_known_there_is_nothing_to_decide(live: Live) -> None:
    live.generate()
    for operator in (bpy.ops.scenario.restore_backup, bpy.ops.scenario.order_all_the_same):
        with pytest.raises(RuntimeError, match="It is known what was ordered"):
            operator()
    assert len(live.jobs) == 1


@ON_LINUX
def test_a_ledger_that_another_machine_uses_is_said_in_red_and_opened_once_it_is_free(
    live: Live, state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted(monkeypatch, state_dir).mkdir()
    elsewhere = Lease(state_dir, machine=Machine("b2", "render-07"))
    session.load()
    live.pump_until(lambda: session.problem)
    shown = drawn("SCENARIO_PT_main")
    assert "is used on render-07" in shown.red and str(shown).count("render-07") == 1
    with live.in_window():
        assert not bpy.ops.scenario.generate.poll()
    with pytest.raises(RuntimeError, match="is used on render-07"):
        bpy.ops.scenario.generate()
    assert live.service.requests == []
    elsewhere.release()
    session.load()
    live.pump_until(lambda: session.is_ready or session.problem)
    assert bpy.ops.scenario.open_ledger() == {"FINISHED"}
    live.pump_until(lambda: session.is_ready)
    assert session.problem is None
    assert "render-07" not in str(drawn("SCENARIO_PT_main"))


@ON_LINUX
def test_a_disk_that_is_not_safe_is_said_with_the_way_out(
    live: Live, state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted(monkeypatch, state_dir, "fuse.sshfs", "ann@box:/home")
    session.load()
    live.pump_until(lambda: session.problem)
    shown = drawn("SCENARIO_PT_main")
    assert "SCENARIO_STATE_DIR to a folder on a local disk" in shown.red
    shown.button("scenario.open_ledger")
