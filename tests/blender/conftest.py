# SPDX-License-Identifier: GPL-3.0-or-later
"""Every test in the `bpy` module starts from an empty Blender; the process skips Blender's own exit."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

if TYPE_CHECKING:
    import bpy

    from scenario_addon.blender.studio.studio import Studio
    from tests.blender.live import Live
    from tests.blender.quick_studio import QuickStudio
    from tests.service import Service

_exit_code = pytest.StashKey[int]()


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What Blender starts with when it starts empty, as this very version writes it: its own is an older one's."""
    import bpy

    path = str(tmp_path_factory.mktemp("empty") / "empty.blend")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.wm.save_as_mainfile(filepath=path, copy=True)
    return path


@pytest.fixture(autouse=True)
def empty_blender(empty_file: str) -> None:
    """Start with factory settings, no objects and no add-on left over from another test."""
    import bpy

    if bpy.context.preferences.is_dirty:  # the preferences take most of the time, and few tests change them
        bpy.ops.wm.read_factory_settings(use_empty=True)
        bpy.context.preferences.is_dirty = False
    else:
        bpy.ops.wm.read_homefile(filepath=empty_file)


@pytest.fixture
def quick_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """This Blender and others render with one sample, previews at 64 px: for tests that look at no pixel."""
    from scenario_addon.blender.children import process
    from scenario_addon.blender.studio.child import light
    from scenario_addon.blender.writing import preview
    from tests.limits import shorten

    monkeypatch.setattr(process, "_ENTRY", Path(__file__).with_name("quick_entry.py"))
    shorten(monkeypatch, light, _SAMPLES=1)
    shorten(monkeypatch, preview, SIZE_PX=64, _SAMPLES=1)


@pytest.fixture
def collection() -> "bpy.types.Collection":
    """An empty one in the scene."""
    import bpy

    found = bpy.data.collections.new("Chair")
    bpy.context.scene.collection.children.link(found)
    return found


@pytest.fixture
def live(service: "Service", monkeypatch: pytest.MonkeyPatch) -> Iterator["Live"]:
    """The add-on, registered, with the stand-in's key in the environment."""
    from tests.blender.live import registered

    with registered(service, monkeypatch) as running:
        yield running


@pytest.fixture
def keyless(service: "Service", monkeypatch: pytest.MonkeyPatch) -> Iterator["Live"]:
    """The same without a key."""
    from tests.blender.live import registered

    with registered(service, monkeypatch, has_key=False) as running:
        yield running


@pytest.fixture
def studio(live: "Live") -> Iterator["QuickStudio"]:
    """Selected objects as the source: a blockout, a model with named views, and a studio that needs no time."""
    from scenario_addon.blender.app.session import session
    from scenario_addon.blender.sources import subjects
    from scenario_addon.blender.studio.shots import Shots
    from tests.blender.quick_studio import QuickStudio
    from tests.blender.sample_subjects import box, select

    select(box("Blockout", (1, 2, 3), (4, 5, 6)))
    live.choose("model_hunyuan-3d-pro-3-1-multiview", {"generateType": "Geometry", "faceCount": 40000})
    live.settings.source = "OBJECTS"
    made = QuickStudio()
    session.shots = Shots(cast("Studio", made))
    yield made
    subjects.close()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Remember how it went."""
    session.config.stash[_exit_code] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End at once after the summary: bpy 4.5 hangs in its static destructors, 4.2 crashes there."""
    if "bpy" in sys.modules and _exit_code in config.stash:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.stash[_exit_code])
