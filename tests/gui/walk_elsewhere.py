# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of test_elsewhere.py: from the search of all menus to a mesh that a colleague made. Runs inside Blender."""

from __future__ import annotations

from typing import Any

import bpy

from tests.gui.eyes import area, hover, region, shot
from tests.gui.hands import main_window, press, tick, type_text, wait_until
from tests.gui.inside import Walk
from tests.gui.model_list import click_in_list, names, pictures, the_list
from tests.gui.scenario_tab import fold_main, job, meshes, open_tab, session, texts, undo, wait_for_meshes

__all__ = ["brings_in"]


def brings_in(remote_id: str, count: int) -> Walk:
    """Open the list, look at its pictures, search, press one name, and look at the mesh.

    :param count: how many meshes are to be in the list with their pictures.
    """
    yield from open_tab()
    yield from hover("VIEW_3D", "WINDOW")
    with bpy.context.temp_override(window=main_window(), area=area("VIEW_3D"), region=region("VIEW_3D", "WINDOW")):
        bpy.ops.wm.search_menu("INVOKE_DEFAULT")
    yield from tick(20)
    yield from type_text("made elsewhere")
    yield from tick(20)
    yield from press("RET")
    yield from wait_until(lambda: the_list() and the_list()._region, what="the list", timeout_s=10.0)
    yield from wait_until(lambda: pictures() == count, what="the pictures")
    yield from tick(5)
    found: dict[str, Any] = {"names": names()}
    shot("1 the list")
    yield from type_text("lampe")
    yield from tick(5)
    found["searched"] = names()
    shot("2 what is searched for")
    yield from press("RET")  # what was typed is taken
    yield from tick(5)
    if the_list() is not None:
        yield from click_in_list("scenario.fetch", remote_id)
    yield from wait_for_meshes()
    yield from fold_main()
    yield from tick(10)
    shot("3 in the scene")
    found["remote_id"], found["state"] = job().remote_id, str(job().state)
    found["meshes"], found["jobs"] = len(meshes()), len(session().jobs)
    found["said"] = yield from texts("SCENARIO_PT_jobs")
    yield from undo()
    yield from tick(5)
    found["undone"] = len(meshes())
    return found
