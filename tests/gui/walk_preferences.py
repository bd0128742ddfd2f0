# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of test_preferences.py: the extension's preferences, opened and filled in. Runs inside Blender."""

from __future__ import annotations

import importlib
from pathlib import Path

import bpy

from tests.gui.eyes import area, click_operator, shot
from tests.gui.hands import Steps, move, tick, wait_until
from tests.gui.inside import Walk
from tests.gui.scenario_tab import ADDON, open_preferences

HERE = {"editor": "PREFERENCES", "kind": "WINDOW"}


def chooses_folders(folder: str) -> Walk:
    """Open the folder of the meshes, have them kept beside the .blend, then in another folder."""
    access = importlib.import_module(f"{ADDON}.blender.app.config")
    yield from open_preferences()
    yield from click_operator("scenario.refresh_account", **HERE)
    session = importlib.import_module(f"{ADDON}.blender.app.session").session
    yield from wait_until(lambda: session.balance and session.balance.known, what="the balance")
    yield from move(20, 20)
    yield from _redraw()
    shot("as installed")
    left = importlib.import_module(f"{ADDON}.blender.account.balance").lines()
    found = yield from _run_doctor()  # before a report in a popup comes between
    usual = str(access.meshes_folder()[0])
    made = yield from _open_folder(usual)
    saved = bpy.context.preferences.addons[ADDON].preferences
    saved.keep_beside = True  # Blender gives fields of preferences no data path to find them by
    yield from _redraw()
    shot("beside a file that is not saved")
    beside = access.meshes_folder()[1]
    saved.keep_files = folder
    yield from _redraw()
    shot("another folder")
    chosen = str(access.meshes_folder()[0])
    return {"left": left, "as installed": usual, "made": made, "beside the .blend": beside, "chosen": chosen, **found}


def _run_doctor() -> Walk:
    """Click Run Doctor, go on while it looks, and click Copy Report."""
    doctor = importlib.import_module(f"{ADDON}.blender.examining.examination")
    yield from _scroll("down")
    yield from click_operator("scenario.doctor", **HERE)
    yield from wait_until(lambda: doctor.latest() is not None, what="the first lines")
    first = doctor.latest()
    begun = list(first.missing)
    yield from tick(3)
    yield from move(20, 20)
    shot("while doctor looks")
    yield from wait_until(lambda: not first.missing, what="what doctor finds")
    yield from _redraw()
    yield from _scroll("down")
    shot("what doctor has found")
    yield from click_operator("scenario.copy_report", **HERE)
    yield from tick(5)
    copied = bpy.context.window_manager.clipboard
    yield from _scroll("up")
    return {
        "looked at while Blender goes on": begun,
        "to be mended": [check.name for check in first.checks if not check.ok],
        "named": [check.name for check in first.checks],
        "copied": copied,
    }


def _scroll(way: str) -> Steps:
    """Show the end of the preferences, or their beginning."""
    editor = area("PREFERENCES")
    region = next(region for region in editor.regions if region.type == "WINDOW")
    with bpy.context.temp_override(area=editor, region=region):
        for _ in range(20):
            getattr(bpy.ops.view2d, f"scroll_{way}")(page=True)
    yield from _redraw()


def _redraw() -> Steps:
    area("PREFERENCES").tag_redraw()
    yield from tick(10)


def _open_folder(folder: str) -> Walk:
    """Click the first Open Folder; a system without a file manager opens nothing, but the folder is there then."""
    before = Path(folder).exists()
    yield from click_operator("scenario.open_folder", **HERE)
    yield from wait_until(Path(folder).is_dir, what="the folder")
    yield from tick(20)
    shot("after Open Folder")
    yield from move(20, 20)  # away from the sentence that says so, which closes with that
    return not before
