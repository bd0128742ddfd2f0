# SPDX-License-Identifier: GPL-3.0-or-later
"""The harness itself, without the extension: what a walk does in a window reaches the test outside."""

import os
from pathlib import Path

import pytest

from tests.gui.driver import SCREENSHOTS, WalkError, Window
from tests.profile import Profile

WALKS = "tests.gui.walk_driver"


@pytest.mark.one_window
def test_a_walk_clicks_types_chooses_and_undoes(empty_profile: Profile) -> None:
    with Window(empty_profile, f"{WALKS}:uses_buttons_and_fields") as window:
        assert window.result() == {"name": "Zürich 2", "size": 480, "system": "IMPERIAL", "count after undo": 1}
    assert (SCREENSHOTS / f"{empty_profile.executable.name}-uses_buttons_and_fields" / "used.png").exists()


@pytest.mark.one_window
def test_a_walk_reads_a_panel_finds_buttons_side_by_side_and_says_which_is_missing(empty_profile: Profile) -> None:
    with Window(empty_profile, f"{WALKS}:reads_a_panel") as window:
        found = window.result()
    assert ["operator", "Count for 12 CU", "harness.count"] in found["items"]
    assert ["label", "Counted 0", ""] in found["items"]
    assert found["in a row"]
    assert "no button for harness.count is in sight" in found["missing"]


@pytest.mark.one_window
def test_a_walk_goes_on_in_another_editor_after_a_file_was_loaded(empty_profile: Profile) -> None:
    with Window(empty_profile, f"{WALKS}:changes_editor_and_file") as window:
        assert window.result() == [35, 50]


@pytest.mark.one_window
def test_a_failed_assertion_is_reported_with_its_values(empty_profile: Profile) -> None:
    with (
        Window(empty_profile, f"{WALKS}:fails", arguments={"expected": 42}) as window,
        pytest.raises(WalkError, match=r"(?s)assert found == expected.*expected = 42.*found = 41.*AssertionError"),
    ):
        window.result()


@pytest.mark.one_window
def test_a_killed_blender_leaves_nothing_running_and_can_be_started_again(
    empty_profile: Profile, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    for _ in range(2):
        arguments = {"trace": str(trace)}
        with Window(empty_profile, f"{WALKS}:leaves_a_trace_and_waits", arguments=arguments) as window:
            window.wait_until_reached("trace")
            window.kill()
    processes = [int(line) for line in trace.read_text().splitlines()]
    assert len(set(processes)) == 2
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


@pytest.mark.one_window
def test_a_hanging_blender_is_killed_and_says_where_it_hung(empty_profile: Profile) -> None:
    with Window(empty_profile, f"{WALKS}:hangs") as window:
        window.wait_until_reached("hanging")
        with pytest.raises(WalkError, match=r"(?s)0\.1 s were not enough.*in hangs"):
            window.result(timeout_s=0.1)


@pytest.mark.one_window
def test_the_installed_extension_is_enabled_in_a_window_that_may_go_online(profile: Profile) -> None:
    with Window(profile, f"{WALKS}:lists_extensions") as window:
        assert window.result() == {"names": ["bl_ext.user_default.scenario_addon"], "online": True}
