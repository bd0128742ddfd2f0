# SPDX-License-Identifier: GPL-3.0-or-later
"""Doctor in the preferences: a button, a line for each thing, and the way to a report."""

from __future__ import annotations

import bpy
import pytest

from scenario_addon.blender.examining import examination
from scenario_addon.engine.host import Check
from tests.blender.live import Live, preferences
from tests.blender.ui.preferences.test_preferences import draw

WELL = Check("second Blender", True, "starts in 1.0 s")
ADVICE = Check("meshopt", True, "cannot be read by this Blender", "Blender 5.2 or newer reads it.")
BAD = Check("glTF importer", False, "numpy is missing", "Install numpy.")


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch, live: Live) -> list[str]:
    """The preferences, with another Blender that takes no time; gives the pages that the browser is sent to."""
    preferences()
    pages = list[str]()
    monkeypatch.setattr("webbrowser.open", lambda url, *rest: pages.append(url) or True)
    monkeypatch.setattr(examination, "second_blender", lambda: lambda: [WELL, ADVICE])
    return pages


def test_before_it_ran_there_is_a_button_and_nothing_else() -> None:
    shown = draw()
    assert shown.button("scenario.doctor").text is None
    assert "scenario.copy_report" not in [button.operator for button in shown.operators]


def test_each_line_says_what_to_do_and_only_what_needs_mending_is_red(monkeypatch: pytest.MonkeyPatch) -> None:
    assert bpy.ops.scenario.doctor() == {"FINISHED"}
    shown = draw()
    assert "Second Blender: starts in 1.0 s" in str(shown)
    assert "Meshopt: cannot be read by this Blender. Blender 5.2 or newer reads it." in str(shown)
    assert shown.red == ""
    monkeypatch.setattr(examination, "second_blender", lambda: lambda: [BAD])
    with pytest.raises(RuntimeError, match="something to mend: glTF importer"):
        bpy.ops.scenario.doctor()
    shown = draw()
    assert shown.red == "glTF importer: numpy is missing. Install numpy."
    assert str(shown).index("glTF importer") < str(shown).index("Online access"), "what is to be mended comes first"


def test_what_is_still_looked_at_is_named_and_cannot_be_copied_yet() -> None:
    examination.begin()
    shown = draw()
    assert "Looking at disk, second Blender, service" in str(shown)
    assert "scenario.copy_report" not in [button.operator for button in shown.operators]
    examination.wait()
    assert "Looking at" not in str(draw())


def test_the_report_is_copied_and_goes_along_to_the_page_for_bugs(
    opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RuntimeError, match="run Doctor"):
        bpy.ops.scenario.copy_report()
    assert bpy.ops.scenario.report_bug() == {"FINISHED"}
    bpy.ops.scenario.doctor()
    bpy.context.window_manager.clipboard = "something else"
    assert bpy.ops.scenario.copy_report() == {"FINISHED"}
    assert bpy.context.window_manager.clipboard in ("", examination.report())  # without a window there may be none
    assert bpy.ops.scenario.report_bug() == {"FINISHED"}
    assert opened == ["https://help.scenario.com"] * 2
