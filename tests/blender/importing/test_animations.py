# SPDX-License-Identifier: GPL-3.0-or-later
"""The animations of a rigged model stay when they are wanted: as actions, at the scene's speed, and not playing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import bpy
import pytest

from scenario_addon.blender.children.process import blender_with
from scenario_addon.blender.converting.converter import WORK, Converter
from scenario_addon.blender.importing.converted import Converted
from scenario_addon.blender.importing.importer import import_mesh
from scenario_addon.blender.importing.readers import read_animated
from scenario_addon.blender.importing.staging import Stage
from scenario_addon.blender.mesh.finish import Finish
from scenario_addon.blender.scene.arrival import Arrival
from scenario_addon.engine.errors import ImportFailed
from tests.blender.importing.test_importer import names
from tests.blender.importing.test_readers_rest import animated, cube_on_a_bone

RATE: Final = 48
"""Of the scene they come into; they are written at half of it, two seconds long."""
KEPT: Final = Finish(keep_animations=True, frame_rate=RATE)
CLIPS: Final = {"Walk": 0.5, "Run": 1.0}
"""How far each bends, radians, at its end."""
FBX_EXPORTER = pytest.mark.filterwarnings("ignore:Setting the shape:DeprecationWarning")  # with the newest numpy


def assign(obj: Any, action: Any) -> None:
    """Have an object play an action, as somebody who picks it from the list does."""
    data = obj.animation_data or obj.animation_data_create()
    data.action = action
    if hasattr(data, "action_slot") and data.action_slot is None and data.action_suitable_slots:
        data.action_slot = data.action_suitable_slots[0]


def rig(path: Path, *, wrapper_turn: float = 0.0) -> Path:
    """A cube that two clips bend by a bone and lift by its armature; under a wrapper, where that is turned."""
    armature, bone = cube_on_a_bone()
    bpy.context.scene.render.fps = RATE // 2
    bone.rotation_mode = "XYZ"
    if wrapper_turn:
        armature.parent = bpy.data.objects.new("wrapper", None)
        bpy.context.collection.objects.link(armature.parent)
        armature.parent.rotation_euler.x = wrapper_turn
    for name, angle in CLIPS.items():
        assign(armature, None)
        for frame, share in ((0, 0.0), (RATE, 1.0)):
            bone.rotation_euler.x, armature.location.z = angle * share, 3.0 * share
            bone.keyframe_insert("rotation_euler", frame=frame)
            armature.keyframe_insert("location", frame=frame)
        action = armature.animation_data.action
        action.name = name
        assign(armature, None)
        track = armature.animation_data.nla_tracks.new()
        track.name = name
        track.strips.new(name, 0, action)
        track.mute = True
    bone.rotation_euler.x = armature.location.z = 0.0
    if path.suffix == ".fbx":
        bpy.ops.export_scene.fbx(filepath=str(path), bake_anim_use_all_actions=True, bake_anim_use_nla_strips=False)
    else:
        bpy.ops.export_scene.gltf(filepath=str(path), export_animation_mode="ACTIONS")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return path


@pytest.fixture
def convert(tmp_path: Path) -> Iterator[Callable[[Path, Finish], Converted]]:
    converter = Converter(tmp_path / "blends", command=blender_with(WORK))

    def made(path: Path, finish: Finish) -> Converted:
        converter.begin("job", path, name="Chair", finish=finish)
        while (result := converter.result("job")) is None:
            time.sleep(0.01)
        assert isinstance(result, Converted), result
        return result

    yield made
    converter.close()


@pytest.fixture(autouse=True)
def scene() -> bpy.types.Scene:
    """The artist's, in the middle of something."""
    bpy.context.scene.render.fps = RATE
    bpy.context.scene.frame_set(37)
    return bpy.context.scene


def bring_in(path: Path, **options: Any) -> Arrival:
    bpy.context.scene.render.fps = RATE
    return import_mesh(path, name="Chair", job_id="job_1", model_id="model_1", **{"finish": KEPT, **options})


def armature_of(arrival: Arrival) -> bpy.types.Object:
    return next(obj for obj in arrival.objects if obj.type == "ARMATURE")


def bend(armature: bpy.types.Object) -> float:
    """How far its bone is bent, radians."""
    return armature.pose.bones["Bone"].matrix_basis.to_quaternion().angle


def clips_of(block: Any) -> dict[str, Any]:
    """The actions in the tracks, by what they are called without what an importer puts around it."""
    strips = [strip for track in block.animation_data.nla_tracks for strip in track.strips]
    return {next(name for name in CLIPS if name in strip.action.name): strip.action for strip in strips}


def check_clips(arrival: Arrival) -> None:
    """Each clip is there, nothing plays, and each plays at the speed it has in the file when it is wanted."""
    scene, armature = bpy.context.scene, armature_of(arrival)
    clips = clips_of(armature)
    assert set(clips) == set(CLIPS)
    assert armature.animation_data.action is None
    assert all(track.mute for track in armature.animation_data.nla_tracks)
    place = armature.matrix_world.copy()
    for frame in (1, 37, RATE, 2 * RATE):
        scene.frame_set(frame)
        assert bend(armature) == pytest.approx(0, abs=1e-3)
        assert armature.matrix_world == place
    for name, action in clips.items():
        assert not action.use_fake_user
        assign(armature, action)
        first, last = action.frame_range
        assert last - first == pytest.approx(2 * RATE, abs=0.1)
        scene.frame_set(round(last))
        assert bend(armature) == pytest.approx(CLIPS[name], abs=1e-2)


@FBX_EXPORTER
@pytest.mark.parametrize("suffix", [".glb", ".fbx"])
def test_each_clip_of_a_rig_is_an_action_that_waits(suffix: str, tmp_path: Path) -> None:
    path = rig(tmp_path / f"rig{suffix}")
    bpy.context.scene.frame_set(37)
    arrival = bring_in(path)
    assert bpy.context.scene.render.fps == RATE
    assert {obj.type for obj in bpy.data.objects} == {"ARMATURE", "MESH"}
    assert len(bpy.data.actions) == len(CLIPS)
    check_clips(arrival)


@FBX_EXPORTER
@pytest.mark.parametrize("suffix", [".glb", ".fbx"])
def test_by_another_process_the_same_comes_in(
    suffix: str, tmp_path: Path, convert: Callable[[Path, Finish], Converted]
) -> None:
    path = rig(tmp_path / f"rig{suffix}")
    made = convert(path, KEPT)
    bpy.ops.object.add(type="ARMATURE")
    bpy.context.object.name = armature_of(bring_in(path, finish=None)).name  # the name is taken
    before = len(bpy.data.actions)
    arrival = bring_in(path, converted=made)
    assert len(bpy.data.actions) - before == len(CLIPS)
    check_clips(arrival)


@FBX_EXPORTER
@pytest.mark.parametrize("suffix", [".glb", ".fbx"])
def test_a_model_is_the_same_with_its_animations_as_without(suffix: str, tmp_path: Path) -> None:
    path = rig(tmp_path / f"rig{suffix}", wrapper_turn=0.5)
    with_them = bring_in(path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    assert bring_in(path, finish=None) == with_them
    assert not bpy.data.actions


def test_without_a_rate_the_scenes_own_is_taken(tmp_path: Path) -> None:
    check_clips(bring_in(rig(tmp_path / "rig.glb"), finish=Finish(keep_animations=True)))


def test_what_moved_an_armature_in_another_frame_than_it_has_now_is_left_out(tmp_path: Path) -> None:
    armature = armature_of(bring_in(rig(tmp_path / "rig.glb", wrapper_turn=0.5)))
    place = armature.matrix_world.copy()
    assign(armature, clips_of(armature)["Run"])
    bpy.context.scene.frame_set(2 * RATE)
    assert bend(armature) == pytest.approx(CLIPS["Run"], abs=1e-2)
    assert armature.matrix_world == place


def test_an_armature_that_keeps_its_frame_is_moved(tmp_path: Path) -> None:
    armature = armature_of(bring_in(rig(tmp_path / "rig.glb")))
    assign(armature, clips_of(armature)["Run"])
    bpy.context.scene.frame_set(2 * RATE)
    assert armature.matrix_world.translation.z == pytest.approx(3, abs=1e-2)


def test_shapes_keep_what_moves_them(tmp_path: Path) -> None:
    arrival = bring_in(animated(tmp_path / "chair.glb", "weights"))
    keys = arrival.root.data.shape_keys
    (track,) = keys.animation_data.nla_tracks
    (strip,) = track.strips
    assert (track.mute, keys.animation_data.action, keys.key_blocks[1].value) == (True, None, pytest.approx(0.5))
    assign(keys, strip.action)
    bpy.context.scene.frame_set(3 * RATE)
    assert keys.key_blocks[1].value == pytest.approx(1)


@pytest.mark.parametrize("moved", ["scale", "rotation"])
def test_what_is_not_rigged_keeps_none(moved: str, tmp_path: Path) -> None:
    arrival = bring_in(animated(tmp_path / "chair.glb", moved))
    assert not (arrival.is_rigged or bpy.data.actions or arrival.root.animation_data)


def test_animations_that_cannot_be_read_cost_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def half_read(path: Path) -> float:
        read_animated(path)
        raise RuntimeError("Error: it breaks")

    monkeypatch.setattr("scenario_addon.blender.importing.animations.read_animated", half_read)
    arrival = bring_in(rig(tmp_path / "rig.glb"))
    assert arrival.is_rigged
    assert not bpy.data.actions
    assert "without its animations" in caplog.text
    assert {obj.name for obj in bpy.data.objects} == set(arrival.object_names)


def test_the_importers_own_list_of_what_it_has_read_stays_as_it_was(tmp_path: Path) -> None:
    path = rig(tmp_path / "rig.glb")
    panel = bpy.context.preferences.addons["io_scene_gltf2"].preferences
    panel.animation_ui = True
    try:
        bpy.context.scene.gltf2_animation_tracks.add().name = "mine"
        check_clips(bring_in(path))
        assert [track.name for track in bpy.context.scene.gltf2_animation_tracks] == ["mine"]
    finally:
        panel.animation_ui = False


@pytest.mark.parametrize("way", ["direct", "appended"])
def test_an_import_that_fails_leaves_none_behind(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, convert: Callable[[Path, Finish], Converted]
) -> None:
    path = rig(tmp_path / "rig.glb")
    made = convert(path, KEPT) if way == "appended" else None
    before = names()

    def fail(*_: object) -> None:
        raise RuntimeError("Error: it breaks")

    monkeypatch.setattr("scenario_addon.blender.importing.importer.place", fail)
    with pytest.raises(ImportFailed):
        bring_in(path, converted=made)
    assert names() == before


def test_what_is_staged_and_not_wanted_any_more_leaves_none_behind(
    tmp_path: Path, convert: Callable[[Path, Finish], Converted]
) -> None:
    made = convert(rig(tmp_path / "rig.glb"), KEPT)
    before, stage = names(), Stage()
    stage.advance(made)
    assert bpy.data.actions
    stage.drop()
    assert names() == before


def test_with_the_model_its_actions_go(tmp_path: Path) -> None:
    arrival = bring_in(rig(tmp_path / "rig.glb"))
    for obj in arrival.objects:
        bpy.data.objects.remove(obj)
    assert {action.users for action in bpy.data.actions} == {0}
