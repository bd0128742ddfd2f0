# SPDX-License-Identifier: GPL-3.0-or-later
"""Enabling and disabling: quick, quiet, and without leaving anything behind."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
import threading
from pathlib import Path

import bpy
import pytest

import scenario_addon
from scenario_addon.blender.app.session import session
from tests.blender.fake_layout import drawn
from tests.blender.live import Live, registered
from tests.service import Service

ROOT = Path(__file__).resolve().parents[2]
QUICK_TO_LOAD = {
    *("blender.form", "blender.ui", "blender.words", "blender.words.language"),
    *("engine", "engine.errors", "engine.service"),
    *(
        "blender",
        "blender.command",
        "blender.ui.lazy",
        "blender.ui.preferences",
        "blender.ui.preferences.accounts",
        "blender.ui.preferences.examination",
        "blender.ui.preferences.network",
        "blender.form.properties",
        "blender.form.finishing",
        "blender.form.making",
        "blender.ui.handlers",
        "blender.ui.menus",
    ),
    *(
        "blender.ui.operators",
        "blender.ui.dialog",
        "blender.ui.reporting",
        "blender.ui.upkeep",
        "blender.ui.operators.generate",
    ),
    *("blender.ui.results.jobs", "blender.ui.operators.ledger", "blender.ui.results.placing"),
    *("blender.ui.operators.pictures", "blender.ui.operators.presets", "blender.ui.operators.settings"),
    *("blender.ui.operators.sources", "blender.ui.operators.then"),
    *(
        *("blender.ui.choosing", "blender.ui.choosing.made_popup", "blender.ui.choosing.popup"),
        *("blender.ui.making", "blender.ui.making.menu", "blender.ui.making.operator"),
        "blender.ui.refining",
        "blender.ui.refining.menu",
        "blender.ui.refining.operator",
        "blender.ui.results",
        "blender.ui.results.again",
        "blender.ui.results.cleaning",
        "blender.ui.results.menu",
        "blender.ui.results.more",
        "blender.ui.results.pictures",
        "blender.ui.results.sheet",
        "blender.ui.results.variants",
        "blender.ui.panels",
    ),
}
"""What ``register()`` needs. Whatever else there is can wait until somebody uses it."""
SLOW_TO_LOAD = {"dataclasses", "decimal", "hashlib", "json", "logging", "numpy", "pydantic", "requests", "sqlite3"}
PANELS = [f"SCENARIO_PT_{part}" for part in ("main", "jobs", "image_main", "image_jobs")]


def traces() -> dict[str, object]:
    """Everything in Blender that an add-on can leave behind."""
    handlers = bpy.app.handlers
    callbacks = [getattr(handlers, name) for name in dir(handlers) if isinstance(getattr(handlers, name), list)]
    menus = (bpy.types.IMAGE_MT_image, bpy.types.VIEW3D_MT_object, bpy.types.STATUSBAR_HT_header)
    return {
        "classes": {name for name in dir(bpy.types) if name.startswith("SCENARIO_")},
        "operators": set(dir(bpy.ops.scenario)),
        "handlers": [f"{f.__module__}.{f.__name__}" for row in callbacks for f in row if "scenario" in f.__module__],
        "scene": "scenario" in bpy.types.Scene.bl_rna.properties,
        "manager": [p.identifier for p in bpy.types.WindowManager.bl_rna.properties if "scenario" in p.identifier],
        "draw": [f.__name__ for m in menus for f in m._dyn_ui_initialize() if "scenario" in f.__module__],
        "threads": [t.name for t in threading.enumerate() if t.name.startswith("scenario-") and t.is_alive()],
        "commands": len(scenario_addon.blender.command._handles),
        "icons": session.icons,
    }


def test_enabling_twice_leaves_nothing_behind(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario_addon.register()
    scenario_addon.unregister()
    clean = traces()
    assert not any(value for value in clean.values())
    for _ in range(2):
        with registered(service, monkeypatch) as live:
            assert traces()["scene"]
            live.generate()
            assert drawn("SCENARIO_PT_main").texts
    for thread in threading.enumerate():
        if thread.name.startswith("scenario-"):
            thread.join(5)
    assert traces() == clean


def everything() -> dict[str, object]:
    """What Blender and Python know of, whoever made it: whatever else an add-on could leave behind."""
    handlers, keys = bpy.app.handlers, bpy.context.window_manager.keyconfigs
    bases = ("Operator", "Panel", "Menu", "Header", "UIList", "PropertyGroup", "AddonPreferences", "FileHandler")
    return {
        "types": dir(bpy.types),
        "operators": {room: dir(getattr(bpy.ops, room)) for room in dir(bpy.ops)},
        "classes": {base: _below(getattr(bpy.types, base)) for base in bases},
        "properties": {t.__name__: t.bl_rna.properties.keys() for t in (bpy.types.ID, *bpy.types.ID.__subclasses__())},
        "handlers": {name: len(row) for name in dir(handlers) if isinstance(row := getattr(handlers, name), list)},
        "drawn": {
            name: len(functions)
            for name in dir(bpy.types)
            if (functions := getattr(getattr(getattr(bpy.types, name), "draw", None), "_draw_funcs", None))
        },
        "keys": [(k.name, m.name, len(m.keymap_items)) for k in (keys.addon, keys.user) if k for m in k.keymaps],
        "modules": set(sys.modules),
        "threads": [thread.name for thread in threading.enumerate()],
    }


def _below(base: type) -> int:
    return sum(1 + _below(child) for child in base.__subclasses__())


def test_enabling_ten_times_leaves_nothing_behind_and_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    scenario_addon.register()
    with_it = everything()
    scenario_addon.unregister()
    gc.collect()
    before = everything()
    for _ in range(10):
        scenario_addon.register()
        scenario_addon.unregister()
    gc.collect()
    after = everything()
    assert {name for name in before if before[name] != after[name]} == set()
    assert {name for name in before if before[name] != with_it[name]} >= {"types", "operators", "handlers", "drawn"}
    assert capfd.readouterr() == ("", "")


def test_enabling_loads_only_what_blender_has_to_know_and_starts_no_thread() -> None:
    code = """
import os, sys, threading
import bpy
for name in [name for name in sys.modules if name.split(".")[0] in ("numpy", "requests")]:
    del sys.modules[name]
before = set(sys.modules)
import scenario_addon
scenario_addon.register()
from scenario_addon.blender.ui import handlers
bpy.ops.wm.read_homefile(use_empty=True)  # what follows happens in every Blender, whether it is used for this or not
handlers._look()
handlers._draw_status(None, bpy.context)
assert not bpy.types.SCENARIO_PT_jobs.poll(bpy.context)
print(*sorted(set(sys.modules) - before), flush=True)
print(*[thread.name for thread in threading.enumerate()], flush=True)
os._exit(0)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    loaded, threads = done.stdout.splitlines()[-2:]
    own = {name.removeprefix("scenario_addon.") for name in loaded.split() if name.startswith("scenario_addon.")}
    assert own == QUICK_TO_LOAD
    assert SLOW_TO_LOAD.isdisjoint(loaded.split())
    assert threads == "MainThread"


@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="Windows has no such signal")
def test_writing_to_a_process_that_has_gone_is_an_error_and_not_the_end_of_blender() -> None:
    code = """
import os, signal, subprocess, sys
signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # as Blender 4 has it
import bpy
import scenario_addon
scenario_addon.register()
gone = subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.PIPE, bufsize=0)
gone.wait()
try:
    gone.stdin.write(b"an order")
except BrokenPipeError:
    print("told", flush=True)
os._exit(0)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["told"]), done.stderr


@pytest.mark.parametrize("permission", [True, False])
def test_nothing_is_sent_by_enabling_drawing_or_loading_a_file(live: Live, permission: bool) -> None:
    live.ask_for_permission(allowed=permission)
    for _ in range(2):
        for panel in PANELS:
            drawn(panel)
        live.pump_until(lambda: session.is_ready)
        bpy.ops.wm.read_homefile(use_empty=True)
        bpy.ops.wm.read_factory_settings(use_empty=True)
    assert not [r for r in live.service.requests if permission is False or r.method != "GET"]


def test_nothing_is_sent_without_permission_whatever_is_drawn_and_ticked(live: Live) -> None:
    live.ready_to_generate()
    live.ask_for_permission(allowed=False)
    for _ in range(5):
        for panel in PANELS:
            drawn(panel)
        session.tick()
    assert live.service.requests == []


def test_the_settings_of_a_scene_survive_disabling_and_enabling(live: Live, tmp_path: Path) -> None:
    live.ready_to_generate()
    live.settings.prompt = "a chair"
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    scenario_addon.unregister()
    scenario_addon.register()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "scene.blend"))
    assert live.settings.prompt == "a chair"
    assert live.settings.image == bpy.data.images["Chair"]
