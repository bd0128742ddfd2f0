# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that can be done with a result is in its menu."""

from __future__ import annotations

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.ui.results.menu import draw_menu
from scenario_addon.engine.ledger.job import Job, State
from tests.blender.fake_layout import FakeLayout
from tests.blender.listed_jobs import delayed, enter
from tests.blender.live import Live


@pytest.fixture
def job(live: Live) -> Job:
    made = live.generate()
    live.pump_until(lambda: not session.is_busy)
    return made


def menu(job: Job) -> FakeLayout:
    layout = FakeLayout()
    draw_menu(layout, session.jobs[job.id])
    return layout


def entries(job: Job) -> set[str]:
    return {button.operator.removeprefix("scenario.") for button in menu(job).operators}


def test_a_result_in_the_scene_can_be_shown_placed_copied_made_again_and_removed(live: Live, job: Job) -> None:
    assert entries(job) == {
        *("show_result", "place_result", "clean_up", "import_result", "use_settings", "generate_again"),
        *("show_file", "save_copy", "contact_sheet", "copy_text", "dismiss"),
    }
    shown = menu(job)
    assert shown.button("scenario.generate_again", "Generate with a New Seed").values["new_seed"] is True
    assert shown.button("scenario.import_result", "Import Again")
    assert "Copy Message" not in shown.texts


def test_what_is_gone_from_the_scene_can_neither_be_shown_nor_placed(live: Live, job: Job) -> None:
    bpy.ops.wm.read_homefile(use_empty=True)
    assert {"show_result", "place_result"}.isdisjoint(entries(job))
    assert "import_result" in entries(job)


def test_the_whole_of_a_failure_can_be_copied(live: Live, job: Job) -> None:
    reason, hint = "Too dark " + "and darker " * 100, "Use a brighter picture"
    enter(job, state=State.FAILED, error=reason, hint=hint)
    assert menu(job).button("scenario.copy_text", "Copy Message").values == {"text": f"{reason.strip()}. {hint}"}


def test_what_keeps_from_finding_a_lost_order_can_be_copied_and_looked_for(live: Live, job: Job) -> None:
    reason = "The host said no. " * 50
    enter(job, state=State.UNCERTAIN, remote_id=None, wait_s=None, error=reason)
    assert menu(job).button("scenario.copy_text", "Copy Message").values == {"text": reason.strip()}
    assert "resume" in entries(job)


def test_what_is_under_way_can_be_cancelled_but_not_removed(live: Live, job: Job) -> None:
    delayed(job, state=State.RUNNING, wait_s=30.0, file=None)
    (running,) = session.jobs.values()
    assert "cancel" in entries(running) and "dismiss" not in entries(running)
