# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh is changed by a model: that of a job, which is not uploaded, or the active one of the scene."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.scene.placement import Placement
from scenario_addon.blender.scene.refined import Refined
from scenario_addon.engine.ledger.job import Job, State
from scenario_addon.engine.values import HeldMesh, SourceMesh
from tests.blender.live import Live, preferences
from tests.blender.sample_subjects import box, select

REMESH: Final = "model_meshy-remesh"
TOPOLOGY: Final = "model_tencent-smarttopology"
RETEXTURE: Final = "model_meshy-7-retexture"


def uploads(live: Live) -> int:
    return live.service.count("POST", r"/v1/(assets|uploads)$")


def refine(**values: Any) -> Job:
    assert bpy.ops.scenario.refine(**values) == {"FINISHED"}
    return list(session.jobs.values())[-1]


def refusal(**values: Any) -> str:
    with pytest.raises(RuntimeError) as caught:
        bpy.ops.scenario.refine(**values)
    return str(caught.value).removeprefix("Error: ").strip()


def faces(count: int) -> str:
    return json.dumps({"targetPolycount": count})


def grid(name: str = "Robot") -> bpy.types.Object:
    """40 by 25 quads, turned and moved: 2,000 triangles."""
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=40, y_subdivisions=25)
    made = bpy.context.active_object
    made.name = name
    made.rotation_euler, made.location = (0.0, 0.0, 1.0), (3.0, 4.0, 5.0)
    bpy.context.view_layer.update()
    return made


def test_the_mesh_of_a_job_is_changed_without_an_upload(live: Live) -> None:
    live.generate()
    source, before = live.job, uploads(live)
    made = refine(job_id=source.id, model=REMESH, parameters=faces(100))
    (entry,) = made.order.meshes
    assert isinstance(entry.mesh, HeldMesh)
    assert (entry.mesh.asset_id, entry.mesh.job_id) == (source.file and source.file.asset_id, source.id)
    assert uploads(live) == before
    assert made.file is not None and made.file.triangles <= 100
    assert len(live.service.charges) == 2
    refined = Refined.of_target(made.order.target)
    assert refined is not None
    (root,) = [obj for obj in bpy.context.scene.objects if obj.get("scenario_job_id") == source.id]
    assert refined == Refined("Retopology", (root.name,), source.id)
    place = Placement.of_target(made.order.target)
    assert (place.replaces, place.hide_source) == ((root.name,), True)
    assert place.box == pytest.approx(tuple(root.dimensions), abs=1e-4)


def test_that_of_a_job_that_is_in_no_scene_is_changed_too(live: Live) -> None:
    source = live.generate()
    bpy.ops.wm.read_homefile(use_empty=True)
    made = refine(job_id=source.id, model=REMESH, parameters=faces(100))
    assert made.state is State.IMPORTED
    assert Refined.of_target(made.order.target) == Refined("Retopology", (), source.id)
    bpy.ops.wm.read_homefile(use_empty=True)
    told = refusal(job_id=source.id, model=TOPOLOGY)
    assert "takes FBX or OBJ, and" in told
    assert "is GLB: import it into this scene first" in told


def test_the_active_mesh_goes_up_once_and_its_result_knows_its_place(live: Live) -> None:
    robot = grid()
    made = refine(model=REMESH, parameters=faces(300))
    (entry,) = made.order.meshes
    assert isinstance(entry.mesh, SourceMesh)
    assert entry.mesh.faces == 2000
    assert made.file is not None and made.file.triangles <= 300
    assert Refined.of_target(made.order.target) == Refined("Retopology", ("Robot",), None)
    place = Placement.of_target(made.order.target)
    assert place.location == pytest.approx((3, 4, 5), abs=1e-4)
    assert place.box == pytest.approx((2, 2, 0), abs=1e-4)
    assert uploads(live) == 1
    select(robot)
    again = refine(model=REMESH, parameters=faces(200))
    assert again.order.meshes == made.order.meshes
    assert uploads(live) == 1


def test_a_model_that_takes_no_glb_gets_the_mesh_of_the_scene(live: Live) -> None:
    live.generate()
    made = refine(job_id=live.job.id, model=TOPOLOGY, parameters=json.dumps({"faceCount": 500}))
    (entry,) = made.order.meshes
    assert isinstance(entry.mesh, SourceMesh)
    assert entry.mesh.suffix == "fbx"
    refined = Refined.of_target(made.order.target)
    assert refined is not None
    assert refined.job_id == live.jobs[0].id


def test_a_picture_is_given_where_the_model_takes_one(live: Live) -> None:
    live.generate()
    made = refine(job_id=live.job.id, model=RETEXTURE, prompt="Rust")
    assert [entry.name for entry in made.order.pictures] == ["image"]
    assert made.order.values["prompt"] == "Rust"
    assert live.settings.prompt == ""
    live.settings.image = None
    assert refusal(job_id=live.jobs[0].id, model=RETEXTURE).startswith("Choose an image")


def test_what_cannot_be_is_said_before_anything_is_sent(live: Live) -> None:
    assert "No object is active" in refusal(model=REMESH)
    assert "There is no such job" in refusal(job_id="none", model=REMESH)
    body = grid()
    assert "Say which model changes the mesh" in refusal()
    assert "changes no mesh" in refusal(model="model_hunyuan-3d-v2-1")
    modifier: Any = body.modifiers.new("Subdivision", "SUBSURF")
    modifier.levels = 4
    assert "//out is beside the .blend, which is not saved yet" in refusal(model=REMESH, output="//out")
    assert "Robot has 256,000 faces and Tencent Smart Topology takes 100,000" in refusal(model=TOPOLOGY)
    assert (uploads(live), live.service.charges, live.jobs) == (0, [], [])


def test_what_costs_more_than_the_limit_waits_for_a_yes(live: Live) -> None:
    preferences().max_cost = 1
    grid()
    assert "at most 1 CU may be spent on a job" in refusal(model=REMESH)
    assert live.service.charges == []


def test_the_same_that_is_under_way_is_not_ordered_twice(live: Live) -> None:
    live.generate()
    values: dict[str, Any] = {"job_id": live.job.id, "model": REMESH}
    session.models.fetch(REMESH, session.online().client)
    with live.in_window():
        assert bpy.ops.scenario.refine("EXEC_DEFAULT", is_confirmed=True, **values) == {"FINISHED"}
    assert "is being made" in refusal(**values)
    refine(again=True, **values)
    assert len(live.jobs) == 3


def test_it_can_be_kept_in_a_folder_of_its_own(live: Live, tmp_path: Path) -> None:
    select(box("Crate", (1, 2, 3)))
    made = refine(model=REMESH, output=str(tmp_path / "out"))
    assert made.file is not None
    assert made.file.path.parent == tmp_path / "out"
    assert made.file.path.name == "Crate.glb"


def test_the_same_is_ordered_again_with_what_the_service_has_or_with_the_kept_file(live: Live) -> None:
    grid()
    first = refine(model=REMESH, parameters=faces(300))
    assert bpy.ops.scenario.generate_again(job_id=first.id) == {"FINISHED"}
    second = refine(job_id=first.id, model=REMESH, parameters=faces(100))
    assert bpy.ops.scenario.generate_again(job_id=second.id) == {"FINISHED"}
    again = [job.order for job in live.jobs]
    assert again[1].meshes == again[0].meshes
    assert again[3].meshes == again[2].meshes
    assert [order.target["refined"]["kind"] for order in again] == ["Retopology"] * 4


def test_the_settings_of_a_job_fill_the_form_and_the_tab_keeps_its_model(live: Live) -> None:
    live.generate()
    source, chosen = live.job, live.settings.model
    made = refine(job_id=source.id, model=REMESH, parameters=faces(123))
    assert bpy.ops.scenario.use_settings(job_id=made.id) == {"FINISHED"}
    assert live.settings.model == chosen
    like = refine(like=made.id, model=REMESH, again=True)
    assert like.order.values["targetPolycount"] == 123
    assert like.order.meshes == made.order.meshes


def test_what_a_job_began_with_is_taken_again_from_its_file(live: Live) -> None:
    body = grid()
    made = refine(model=REMESH, parameters=faces(300))
    bpy.data.objects.remove(body)
    like = refine(like=made.id, model=REMESH, parameters=faces(200))
    assert like.order.meshes == made.order.meshes
    assert uploads(live) == 1
    live.generate()
    assert "did not begin with a mesh" in refusal(like=live.jobs[-1].id, model=REMESH)
