# SPDX-License-Identifier: GPL-3.0-or-later
"""A path is where Blender would look for it, and what can be nowhere is told before anything is paid."""

from __future__ import annotations

from pathlib import Path

import bpy
import pytest

from scenario_addon.blender.context import paths
from scenario_addon.blender.context.paths import path_asked_for
from scenario_addon.engine.errors import InputError


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """The folder of the .blend that is open."""
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "room.blend"))
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("//meshes", "{blend}/meshes"), ("//", "{blend}"), ("~/meshes", "{home}/meshes"), ("/srv/a", "/srv/a")],
)
def test_a_path_is_read_as_blender_and_a_shell_do(saved: Path, typed: str, meant: str) -> None:
    assert path_asked_for(typed) == Path(meant.format(blend=saved, home=Path.home()))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("//meshes", "//meshes is beside the .blend, which is not saved yet: save it first."),
        (
            "//nas/props/",
            "//nas/props/ is beside the .blend, which is not saved yet: save it first, "
            "or type \\\\nas\\props for a folder on the network.",
        ),
    ],
)
def test_beside_a_file_that_is_not_saved_is_nothing(typed: str, told: str) -> None:
    bpy.ops.wm.read_homefile(use_empty=True)
    with pytest.raises(InputError) as caught:
        path_asked_for(typed)
    assert caught.value.user_message == told


def test_a_network_folder_with_slashes_is_refused_on_windows(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert path_asked_for("//nas/props") == saved / "nas" / "props"
    monkeypatch.setattr(paths.sys, "platform", "win32")
    with pytest.raises(InputError) as caught:
        path_asked_for("//nas/props")
    assert caught.value.user_message == (
        "//nas/props is beside the .blend, where nas is no folder: make it first, "
        "or type \\\\nas\\props for a folder on the network."
    )
    (saved / "nas").mkdir()
    assert path_asked_for("//nas/props") == saved / "nas" / "props"
    assert path_asked_for("//meshes") == saved / "meshes"
