# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger that has lost what was ordered: the tab asks, and nothing is ordered until somebody has decided."""

from __future__ import annotations

import bpy
import pytest

from scenario_addon.blender.app import config
from scenario_addon.blender.app.session import session
from scenario_addon.engine.ledger.job import Job, State
from tests.blender.fake_layout import drawn
from tests.blender.live import Live


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
