# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a finished mesh goes: into the scene it was asked for, at the place it was asked for, and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import bpy
import pytest
from mathutils import Vector

from scenario_addon.blender.app.session import session
from scenario_addon.blender.delivery import imports
from scenario_addon.blender.importing import importer
from scenario_addon.blender.ui import pump
from scenario_addon.engine.errors import ImportFailed
from scenario_addon.engine.ledger.job import Job, State
from tests.blender.live import Live, preferences
from tests.engine.gltf_oddities import ODDITIES


def imported(scene: bpy.types.Scene | None = None) -> list[bpy.types.Object]:
    return [obj for obj in (scene or bpy.context.scene).objects if "scenario_job_id" in obj]


def box_of(obj: bpy.types.Object) -> tuple[Vector, Vector]:
    """The lowest and the highest corner in world space."""
    points = [obj.matrix_world @ Vector(corner) for corner in obj.bound_box]
    axes = list(zip(*points, strict=True))
    return Vector(map(min, axes)), Vector(map(max, axes))


def base_of(obj: bpy.types.Object) -> tuple[float, ...]:
    low, high = box_of(obj)
    return tuple(round(value, 4) + 0.0 for value in ((low.x + high.x) / 2, (low.y + high.y) / 2, low.z))


def finish(live: Live, job: Job) -> bpy.types.Object:
    live.pump_until_state(State.IMPORTED, job)
    (obj,) = imported()
    return obj


def test_it_stands_where_the_cursor_was_when_it_was_asked_for(live: Live) -> None:
    live.ready_to_generate()
    bpy.context.scene.cursor.location = (1.0, 2.0, 3.0)
    job = live.begin()
    bpy.context.scene.cursor.location = (9.0, 9.0, 9.0)
    assert base_of(finish(live, job)) == (1.0, 2.0, 3.0)


def test_it_stands_in_the_middle_of_the_world_when_that_was_chosen(live: Live) -> None:
    live.ready_to_generate()
    bpy.context.scene.cursor.location = (1.0, 2.0, 3.0)
    live.settings.placement = "ORIGIN"
    assert base_of(finish(live, live.begin())) == (0.0, 0.0, 0.0)


def test_what_was_wanted_after_the_import_is_done_as_it_was_when_the_button_was_pressed(live: Live) -> None:
    live.ready_to_generate()
    wanted = live.settings.finish
    wanted.target_triangles, wanted.mark_as_asset, wanted.asset_tags = 40, True, "kitchen"
    job = live.begin()
    wanted.target_triangles, wanted.mark_as_asset = 0, False
    live.pump_until_state(State.IMPORTED, job)
    shown, full = (
        next(obj for obj in imported() if obj.name.endswith("_full") is is_full) for is_full in (False, True)
    )
    assert len(shown.data.polygons) == pytest.approx(40, abs=4)
    assert len(full.data.polygons) > 80
    assert shown.visible_get() and not full.visible_get()
    (asset,) = [block for block in (*bpy.data.objects, *bpy.data.collections) if block.asset_data]
    assert "kitchen" in asset.asset_data.tags
    assert "paint" in asset.asset_data.description.lower()


def test_what_cleaning_found_is_told_when_the_mesh_is_there(live: Live) -> None:
    live.ready_to_generate()
    live.settings.finish.turn_outward = True
    session.announcements.take()
    obj = finish(live, live.begin())
    ((_, text),) = session.announcements.take()
    assert f"After the clean-up: {obj['scenario_clean_up']}" in text


@pytest.mark.parametrize(("is_wanted", "shading"), [(True, "MATERIAL"), (False, "SOLID")])
def test_materials_are_shown_when_the_preferences_say_so(live: Live, is_wanted: bool, shading: str) -> None:
    preferences().show_materials = is_wanted
    bpy.ops.mesh.primitive_monkey_add()
    live.ready_to_generate()
    finish(live, live.begin())
    areas = [area for area in bpy.context.window.screen.areas if area.type == "VIEW_3D"]
    assert {area.spaces.active.shading.type for area in areas} == {shading}


def test_where_there_is_nothing_but_what_blender_starts_with_materials_are_shown_by_themselves(live: Live) -> None:
    live.ready_to_generate()
    finish(live, live.begin())
    areas = [area for area in bpy.context.window.screen.areas if area.type == "VIEW_3D"]
    assert {area.spaces.active.shading.type for area in areas} == {"MATERIAL"}
    assert "materials" not in session.notices


def test_in_a_scene_at_work_materials_are_offered_once(live: Live) -> None:
    session.has_offered_materials = False
    bpy.ops.mesh.primitive_monkey_add()
    for is_told in (True, False):
        live.image()
        live.choose("model_pixal3d", {})
        live.pump_until_state(State.IMPORTED, live.begin())
        assert ("materials" in session.notices) == is_told
        bpy.ops.scenario.dismiss_notice(about="materials")


def test_it_stands_beside_what_is_at_the_cursor_and_that_is_said(live: Live) -> None:
    bpy.ops.mesh.primitive_cube_add(location=bpy.context.scene.cursor.location)
    live.ready_to_generate()
    session.announcements.take()
    done = finish(live, live.begin())
    low, _ = box_of(done)
    assert low.x > 1.0
    told = session.announcements.take()
    ((level, text),) = told
    assert level == "INFO"
    assert re.fullmatch(
        r"Chair is in the scene: [0-9,]+ triangles, [0-9.]+ CU, beside Cube. The viewports show materials now", text
    )


def test_it_is_as_tall_as_was_asked_for(live: Live) -> None:
    live.ready_to_generate()
    live.settings.height = 2.5
    job = live.begin()
    live.settings.height = 7.0
    low, high = box_of(finish(live, job))
    assert high.z - low.z == pytest.approx(2.5, abs=1e-4)


def test_it_goes_to_the_scene_it_was_asked_for_though_another_one_is_shown(live: Live) -> None:
    home = bpy.context.scene
    home.name = "Home"
    job = live.begin()
    away = bpy.data.scenes.new("Away")
    bpy.context.window.scene = away
    live.pump_until_state(State.IMPORTED, job)
    assert bpy.context.window.scene == away
    assert len(imported(home)) == 1
    assert imported(away) == []


def test_what_was_asked_for_in_another_file_waits_in_the_list(live: Live) -> None:
    job = live.begin()
    bpy.ops.wm.read_homefile(use_empty=True)
    live.pump_until_state(State.READY, job)
    for _ in range(3):
        pump.pump()
    assert imported() == []
    bpy.ops.scenario.import_result(job_id=job.id)
    assert session.jobs[job.id].state is State.IMPORTED
    assert len(imported()) == 1


def test_it_is_imported_by_itself_when_its_blend_is_opened_again(live: Live, tmp_path: Path) -> None:
    home = tmp_path / "home.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(home))
    job = live.begin()
    bpy.ops.wm.read_homefile(use_empty=True)
    live.pump_until_state(State.READY, job)
    bpy.ops.wm.open_mainfile(filepath=str(home))
    finish(live, job)
    assert len(live.service.charges) == 1


def test_it_is_imported_by_itself_after_a_restart_when_its_blend_is_open(live: Live, tmp_path: Path) -> None:
    home = tmp_path / "home.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(home))
    job = live.begin()
    live.pump_until_state(State.RUNNING, job)
    session.close()
    bpy.ops.wm.open_mainfile(filepath=str(home))
    session.load_now()
    finish(live, job)
    assert len(live.service.charges) == 1


def test_what_is_in_the_scene_is_not_imported_again_after_a_restart(live: Live, tmp_path: Path) -> None:
    home = tmp_path / "home.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(home))
    live.generate()
    bpy.ops.wm.save_mainfile()
    session.close()
    bpy.ops.wm.open_mainfile(filepath=str(home))
    session.load_now()
    for _ in range(3):
        pump.pump()
    assert len(imported()) == 1


def test_saving_the_file_under_a_name_in_the_meantime_changes_nothing(live: Live, tmp_path: Path) -> None:
    job = live.begin()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "now.blend"))
    finish(live, job)


def test_a_bug_in_one_import_is_logged_and_holds_that_job_alone(
    live: Live, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real, calls = importer.import_mesh, list[str]()

    def break_once(path: Path, **options: object) -> object:
        calls.append(options["job_id"])
        if len(calls) == 1:
            raise ZeroDivisionError("a bug")
        return real(path, **options)

    monkeypatch.setattr(importer, "import_mesh", break_once)
    jobs = [live.begin(), live.begin()]
    live.pump_until(lambda: len(calls) == 2)
    states = {session.jobs[job.id].state for job in jobs}
    assert states == {State.READY, State.IMPORTED}
    assert "a bug" in caplog.text
    held = session.jobs[calls[0]]
    assert "Something unexpected" in held.error
    for _ in range(3):
        pump.pump()
    assert len(calls) == 2, "it is not tried again by itself"


@pytest.mark.parametrize("broken", ["mark_as_asset", "show_materials"])
def test_what_fails_after_the_import_is_told_and_the_mesh_is_in_the_scene_once(
    live: Live, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise RuntimeError("No catalogue")

    monkeypatch.setattr(imports, broken, fail)
    preferences().show_materials = True
    live.settings.finish.mark_as_asset = True
    job = live.generate()
    assert job.state is State.IMPORTED
    assert "It is in the scene, but" in job.notice and "No catalogue" in job.notice
    live.restart()
    assert live.job.state is State.IMPORTED
    for _ in range(3):
        pump.pump()
    assert len(imported()) == 1


def test_what_a_mesh_is_without_is_noted_when_it_is_in_the_scene(live: Live) -> None:
    live.service.deliver(ODDITIES["a cut PNG"].files["box.glb"])
    done = live.generate()
    lack = "without its texture base, which is cut short or damaged."
    assert done.notice == f"{done.order.name} is in the scene, {lack}"


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Blender's importer cannot read the GLB, whatever the check said; gives what it was given."""
    real, seen = importer.import_mesh, list[Path]()

    def refuse(path: Path, **options: object) -> object:
        seen.append(path)
        if path.suffix == ".glb":
            raise ImportFailed("Blender's importer cannot read this GLB.", path=path)
        return real(path, **options)

    monkeypatch.setattr(importer, "import_mesh", refuse)
    return seen


def generate_in_two_formats(live: Live) -> None:
    live.image(size_px=256)
    live.settings.model = "model_meshy-7-img23d"
    bpy.ops.scenario.generate()


def test_what_blender_cannot_read_comes_in_by_another_of_its_formats(live: Live, refusing: list[Path]) -> None:
    generate_in_two_formats(live)
    assert live.job.state is State.IMPORTED
    assert (refusing[0].suffix, refusing[-1].suffix) == (".glb", ".obj")
    assert all(path.exists() for path in refusing)
    assert len(imported()) >= 1
    assert len(live.service.charges) == 1


def test_where_no_format_can_be_read_the_job_waits_with_the_reason(
    live: Live, refusing: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, **options: object) -> object:
        raise ImportFailed(f"Blender's importer cannot read {path.suffix}.", path=path)

    monkeypatch.setattr(importer, "import_mesh", refuse)
    with pytest.raises(RuntimeError, match="cannot read"):
        generate_in_two_formats(live)
    assert live.job.is_held and live.job.file.path.exists()
    assert len(live.service.charges) == 1


def test_the_settings_are_what_they_were_after_an_import(live: Live) -> None:
    live.ready_to_generate()
    live.settings.prompt, live.settings.height = "a chair", 1.5
    before = {name: getattr(live.settings, name) for name in ("source", "prompt", "height", "placement", "model")}
    finish(live, live.begin())
    assert {name: getattr(live.settings, name) for name in before} == before
    assert live.settings.image == bpy.data.images["Chair"]
