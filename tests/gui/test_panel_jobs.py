# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs go on while the artist works, opens other files, switches the extension off, or Blender ends."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gui.driver import Window
from tests.gui.quick_service import QuickService, draw_figure
from tests.profile import Profile

WALKS = "tests.gui.walk_panel_jobs"


@pytest.fixture
def service() -> Iterator[QuickService]:
    """A stand-in that holds every job until it is released."""
    with QuickService(holds=True) as running:
        yield running


@pytest.fixture
def blend(tmp_path: Path) -> str:
    """Where the artist saves."""
    return str(tmp_path / "work.blend")


def _open(walk: str, profile: Profile, service: QuickService, **arguments: Any) -> Window:
    return Window(profile, f"{WALKS}:{walk}", environment=service.environment, arguments=arguments)


def _do(walk: str, profile: Profile, service: QuickService, **arguments: Any) -> Any:
    """Have a walk done; its jobs are done once it has said that it is ready for that."""
    with _open(walk, profile, service, **arguments) as window:
        window.wait_until_reached("ready")
        service.release()
        return window.result()


def test_two_jobs_at_once_leave_blender_usable_and_wait_for_the_end_of_a_drag(
    profile: Profile, service: QuickService, picture: str, tmp_path: Path
) -> None:
    other = str(draw_figure(tmp_path / "ghost.png", colour="steelblue"))
    found = _do("runs_two_jobs", profile, service, pictures=[picture, other])
    assert found["while dragging"] == 0
    assert found["moved"]
    assert found["collections"] == ["ghost", "robot"]
    assert found["states"] == ["imported", "imported"]
    assert found["with jobs"] < 2 * found["without jobs"]
    assert len(service.charges) == 2


def test_a_job_waits_for_its_file_and_can_be_imported_into_another(
    profile: Profile, service: QuickService, picture: str, blend: str
) -> None:
    found = _do("changes_file", profile, service, picture=picture, blend=blend)
    assert found["at first"] == 0
    assert any("another file" in text for text in found["waiting"])
    assert (found["by hand"], found["by itself"]) == (1, 1)
    assert len(service.charges) == 2


@pytest.mark.parametrize("is_killed", [True, pytest.param(False, marks=pytest.mark.one_window)], ids=["killed", "quit"])
def test_a_job_outlives_blender_and_is_imported_once_its_file_is_opened(
    profile: Profile, service: QuickService, picture: str, blend: str, *, is_killed: bool
) -> None:
    with _open("starts", profile, service, picture=picture, blend=blend, quits=not is_killed) as window:
        window.wait_until_reached("running")
        if is_killed:
            window.kill()
        else:
            window.result()
    found = _do("comes_back", profile, service, blend=blend)
    assert found == {"at first": 0, "imported": 1, "jobs": 1}
    assert len(service.charges) == 1


@pytest.mark.one_window
def test_a_job_goes_on_after_the_extension_was_switched_off_and_on(
    profile: Profile, service: QuickService, picture: str
) -> None:
    found = _do("is_switched_off_and_on", profile, service, picture=picture)
    assert found == {"state": "imported", "picture": "robot.png"}
    assert len(service.charges) == 1


def test_a_mesh_arrives_in_edit_and_sculpt_mode_without_ending_them(
    profile: Profile, service: QuickService, picture: str
) -> None:
    found = _do("works_in_other_modes", profile, service, picture=picture)
    assert found == {"modes": ["EDIT", "SCULPT"], "windows": 2}
    assert len(service.charges) == 2
