# SPDX-License-Identifier: GPL-3.0-or-later
"""What would be sent of a render, seen before it is paid for; viewports and cameras are seen in real windows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.request import thumbnails
from scenario_addon.blender.request.reading import read
from scenario_addon.blender.sources import renders
from tests.blender.fake_layout import drawn
from tests.blender.live import Live

MAIN = "SCENARIO_PT_main"


@pytest.fixture
def rendered(live: Live, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[Path]]:
    """A render as the source, in a window whose sidebar shows the tab; gives the pictures that were taken of it."""
    taken: list[Path] = []

    class Pictures:
        def __init__(self, context: Any, folder: Path, model: Any) -> None: ...

        def take(self, source: Any) -> Path:
            taken.append(tmp_path / f"{len(taken)}.png")
            return taken[-1]

    live.choose("model_hunyuan-3d-v2-1")
    live.settings.source = "RENDER"
    renders.note_render(bpy.context.scene)
    monkeypatch.setattr(thumbnails, "Pictures", Pictures)
    monkeypatch.setattr(thumbnails, "_PAUSE_S", 0.0)
    monkeypatch.setattr(thumbnails, "_tab", lambda: {"scene": bpy.context.scene})
    monkeypatch.setattr(thumbnails, "bpy", _Window())
    session.looked_at_s = session.thumbnail = session.seen_key = None
    session.looked_at_s = 0.0
    yield taken
    session.thumbnail = session.seen_key = None


class _Window:
    app = SimpleNamespace(background=False, is_job_running=lambda kind: False)

    def __getattr__(self, name: str) -> Any:
        return getattr(bpy, name)


def test_it_is_taken_once_nothing_has_moved_for_a_moment(live: Live, rendered: list[Path]) -> None:
    assert not thumbnails.refresh() and rendered == []
    assert thumbnails.refresh()
    known = thumbnails.shown(read(bpy.context))
    assert known is not None and known.path == rendered[0] and known.is_current
    assert not thumbnails.refresh() and len(rendered) == 1


def test_another_render_is_taken_anew(live: Live, rendered: list[Path]) -> None:
    for _ in range(2):
        thumbnails.refresh()
    renders.note_render(bpy.context.scene)
    assert thumbnails.refresh(), "it is out of date"
    assert not session.thumbnail.is_current and "Show Picture" in str(drawn(MAIN))
    assert thumbnails.refresh()
    assert session.thumbnail.path == rendered[1] and "Show Picture" not in str(drawn(MAIN))


def test_what_takes_long_waits_for_a_button(live: Live, rendered: list[Path]) -> None:
    for _ in range(2):
        thumbnails.refresh()
    session.thumbnail.seconds = 5.0
    live.settings.whole_view = True
    for _ in range(4):
        thumbnails.refresh()
    assert len(rendered) == 1 and not session.thumbnail.is_current
    assert bpy.ops.scenario.take_pictures() == {"FINISHED"}
    assert len(rendered) == 2 and session.thumbnail.is_current


def test_where_there_is_no_picture_the_reason_is_shown(
    live: Live, rendered: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Any, source: Any) -> Path:
        raise OSError("No space left on device")

    monkeypatch.setattr(thumbnails.Pictures, "take", refuse)
    for _ in range(2):
        thumbnails.refresh()
    assert "No space left" in str(drawn(MAIN))


def test_of_other_sources_there_is_none(live: Live, rendered: list[Path]) -> None:
    live.image()
    for _ in range(3):
        assert not thumbnails.refresh()
    assert thumbnails.shown(read(bpy.context)) is None
    with pytest.raises(RuntimeError, match="needs no pictures"):
        bpy.ops.scenario.take_pictures()
