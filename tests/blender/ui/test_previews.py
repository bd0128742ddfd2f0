# SPDX-License-Identifier: GPL-3.0-or-later
"""Small pictures in panels cost the disk as little as they can."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.ui import previews
from tests.blender.live import Live


def test_a_file_that_is_not_there_is_looked_for_now_and_then_only(
    live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(now_s=100.0)
    monkeypatch.setattr(previews, "time", SimpleNamespace(monotonic=lambda: clock.now_s))
    path = tmp_path / "chair.png"

    def is_loaded() -> bool:
        previews.icon_of_file(path)
        return str(path) in session.icons

    assert not is_loaded()
    bpy.data.images.new("chair", 8, 8).save(filepath=str(path))
    clock.now_s += 0.1
    assert not is_loaded()
    clock.now_s += 2.0
    assert is_loaded()
    path.unlink()
    assert is_loaded()
