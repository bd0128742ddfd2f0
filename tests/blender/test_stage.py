# SPDX-License-Identifier: GPL-3.0-or-later
"""A .blend that is opened for pictures of what is in it."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import bpy
import pytest
from mathutils import Matrix

from scenario_addon.blender import stage as stage_module
from scenario_addon.blender.host import BlenderHost
from scenario_addon.blender.scene.placement import Placement
from scenario_addon.blender.studio import studio as studio_module
from scenario_addon.engine.errors import DiskError, InputError, PictureError
from scenario_addon.engine.host import Named, Stage, Views
from tests.blender.kept_child import KeptChild, one_for_all
from tests.blender.sample_subjects import COLOURS, box, marked_box, pixels, where

pytestmark = pytest.mark.slow

PX = 128


other_blender = one_for_all(studio_module.WORK)
"""The one that takes all pictures here."""


@pytest.fixture(autouse=True)
def kept(other_blender: KeptChild, monkeypatch: pytest.MonkeyPatch) -> None:
    """No process is started for each file."""
    monkeypatch.setattr(studio_module, "Child", other_blender)


@pytest.fixture
def blend(tmp_path: Path) -> Path:
    return tmp_path / "räume.blend"


@contextmanager
def opened(blend: Path, *, save: bool = True) -> Iterator[Stage]:
    """What is in the scene, saved and opened."""
    if save:
        bpy.ops.wm.save_as_mainfile(filepath=str(blend), copy=True)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with BlenderHost().open_blend(blend, folder=blend.parent / "pictures") as stage:
        yield stage


def taken(stage: Stage, named: Named, *sides: str, ground: str = "transparent") -> Views:
    return stage.take(named, sides=sides or ("front",), size_px=PX, ground=ground)


def share(views: Views, side: str, colour: str) -> float:
    """How much of a picture is of a side's colour."""
    return float(where(pixels(views.pictures[side]), COLOURS[colour]).mean())


def collected(name: str, *objects: bpy.types.Object) -> bpy.types.Collection:
    """A collection of the scene with these objects."""
    collection = bpy.data.collections.new(name)
    bpy.context.scene.collection.children.link(collection)
    for obj in objects:
        bpy.context.scene.collection.objects.unlink(obj)
        collection.objects.link(obj)
    return collection


def test_what_may_be_seen_is_listed_in_order_and_the_rest_is_told_apart(blend: Path) -> None:
    box("Table", (1, 1, 1))
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN")))
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Dots", bpy.data.meshes.new("Dots")))
    curve = bpy.data.curves.new("Line", "CURVE")
    curve.splines.new("POLY").points.add(1)
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Line", curve))
    collected("Empty")
    elsewhere = bpy.data.scenes.new("Elsewhere")
    elsewhere.collection.objects.link(bpy.data.objects.new("Far", bpy.data.meshes["Table"]))
    with opened(blend) as stage:
        assert list(stage.objects) == ["Table", "Far"]
        assert list(stage.collections) == ["Empty"]
        for name in ("Table", "Far"):
            stage.check(Named(name))
        for name in ("Sun", "Dots", "Line"):
            with pytest.raises(InputError, match=name):
                stage.check(Named(name))
        with pytest.raises(InputError, match="Empty"):
            stage.check(Named("Empty", is_collection=True))
        for named in (Named("Chair"), Named("Table", is_collection=True), Named("Empty")):
            with pytest.raises(LookupError):
                stage.check(named)


def test_an_object_is_seen_from_its_own_front_wherever_it_is_turned_to(blend: Path) -> None:
    obj = marked_box("Table", (4, -3, 2))
    obj.rotation_euler.z = math.radians(120)
    box("Wall", (9, 1, 9), (4, -6, 2))
    with opened(blend) as stage:
        views = taken(stage, Named("Table"), "front", "left")
    assert list(views.pictures) == ["front", "left"]
    assert share(views, "front", "front") > 0.2
    assert share(views, "left", "left") > 0.2
    placement = Placement.from_json(views.placement)
    assert placement.turn == pytest.approx(math.radians(120), abs=1e-5)
    assert placement.box == pytest.approx((1.0, 2.0, 3.0), rel=0.01)
    assert placement.location == pytest.approx((4.0, -3.0, 0.5), abs=0.01)
    assert placement.replaces == ("Table",)


def test_a_collection_faces_the_front_of_the_world_and_is_one_subject(blend: Path) -> None:
    table = marked_box("Table", (0, 0, 0))
    table.rotation_euler.z = math.radians(90)
    collected("Room", table, box("Chair", (1, 1, 1), (4, 0, 0)))
    with opened(blend) as stage:
        views = taken(stage, Named("Room", is_collection=True))
    assert share(views, "front", "right") > 0.05, "of what is turned to the left, the front shows its right"
    placement = Placement.from_json(views.placement)
    assert (placement.turn, set(placement.replaces)) == (0.0, {"Table", "Chair"})
    assert placement.box == pytest.approx((5.5, 1.0, 3.0), rel=0.01)


@pytest.mark.parametrize("hide", ["viewport", "eye", "collection"])
def test_what_is_hidden_and_hangs_on_something_turned_is_seen_from_its_own_front(blend: Path, hide: str) -> None:
    parent = bpy.data.objects.new("Pivot", None)
    bpy.context.scene.collection.objects.link(parent)
    obj = marked_box("Table", (0, 0, 0))
    obj.parent, obj.rotation_euler.z = parent, math.radians(30)
    obj.matrix_parent_inverse = Matrix.Rotation(math.radians(10), 4, "Z")
    parent.rotation_euler.z = math.radians(60)
    home = collected("Blockouts", obj)
    if hide == "viewport":
        obj.hide_viewport = True
    elif hide == "eye":
        obj.hide_set(True)
    else:
        bpy.context.view_layer.layer_collection.children[home.name].exclude = True
    with opened(blend) as stage:
        views = taken(stage, Named("Table"))
    assert share(views, "front", "front") > 0.2
    assert Placement.from_json(views.placement).turn == pytest.approx(math.radians(100), abs=1e-5)


def test_the_same_pictures_are_the_same_files_and_the_ground_is_as_asked(blend: Path) -> None:
    marked_box("Table")
    with opened(blend) as stage:
        first = taken(stage, Named("Table"))
        opaque = taken(stage, Named("Table"), ground="opaque")
    with opened(blend, save=False) as stage:
        again = taken(stage, Named("Table"))
    assert dict(again.pictures) == dict(first.pictures)
    assert pixels(first.pictures["front"])[0, 0, 3] == 0
    assert tuple(pixels(opaque.pictures["front"])[0, 0]) == (255, 255, 255, 255)


def test_the_file_is_only_read_and_nothing_in_it_runs(blend: Path, tmp_path: Path) -> None:
    box("Table", (1, 1, 1))
    proof = tmp_path / "ran"
    text = bpy.data.texts.new("evil.py")
    text.write(f"open({str(proof)!r}, 'w')")
    text.use_module = True
    bpy.ops.wm.save_as_mainfile(filepath=str(blend), copy=True)
    blend.chmod(0o444)
    before = hashlib.sha256(blend.read_bytes()).digest(), blend.stat().st_mtime_ns
    with opened(blend, save=False) as stage:
        taken(stage, Named("Table"))
        assert [path.name for path in blend.parent.iterdir() if path.suffix.startswith(".blend")] == [blend.name]
    assert (hashlib.sha256(blend.read_bytes()).digest(), blend.stat().st_mtime_ns) == before
    assert not proof.exists()


def test_it_is_closed_at_the_end_and_nothing_in_use_is_left(blend: Path) -> None:
    box("Table", (1, 1, 1))
    with opened(blend) as stage:
        taken(stage, Named("Table"))
    assert list(bpy.data.objects) == []
    kept = [path for path in (blend.parent / "pictures").rglob("*") if path.is_file()]
    assert [path.suffix for path in kept if path.parent.name == "pictures"] == [".png"]
    assert len(kept) == 1


def test_an_interruption_ends_the_rendering_and_closes_the_file(blend: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    box("Table", (1, 1, 1))
    monkeypatch.setattr(stage_module, "time", SimpleNamespace(sleep=interrupt))
    with pytest.raises(KeyboardInterrupt), opened(blend) as stage:
        taken(stage, Named("Table"))
    assert list(bpy.data.objects) == []
    assert [path for path in (blend.parent / "pictures").rglob("*") if path.is_file()] == []


@pytest.mark.skipif(os.name == "nt", reason="folders have no such modes there")
def test_pictures_are_for_their_owner_alone(blend: Path) -> None:
    box("Table", (1, 1, 1))
    with opened(blend) as stage:
        [picture] = taken(stage, Named("Table")).pictures.values()
    assert [path.stat().st_mode & 0o077 for path in (picture, picture.parent)] == [0, 0]


def test_a_folder_that_cannot_be_made_is_said(blend: Path) -> None:
    box("Table", (1, 1, 1))
    (blend.parent / "pictures").write_text("a file")
    with opened(blend) as stage, pytest.raises(DiskError, match="cannot be written"):
        taken(stage, Named("Table"))


def test_what_shows_nothing_from_a_side_is_refused(blend: Path) -> None:
    mesh = bpy.data.meshes.new("Sheet")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (1, 0, 1), (0, 0, 1)], [], [(0, 1, 2, 3)])
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Sheet", mesh))
    with opened(blend) as stage, pytest.raises(PictureError, match="Nothing of Sheet is seen from left"):
        taken(stage, Named("Sheet"), "front", "left")


def _whole(blend: Path) -> bytes:
    return blend.read_bytes()


def _newer(blend: Path) -> bytes:
    """As a Blender of the next century would begin it, in the form that this one writes."""
    data = blend.read_bytes()
    at = data.index(b"v") + 1
    size = 3 if data[7:8] in b"-_" else 4
    return data[:at] + b"9999"[:size] + data[at + size :]


BAD: dict[str, tuple[Callable[[Path], bytes], str]] = {
    "nothing": (lambda blend: b"", "no .blend file, cut short, damaged"),
    "a text": (lambda blend: b"not a .blend at all", "no .blend file, cut short, damaged"),
    "half": (lambda blend: _whole(blend)[: len(_whole(blend)) // 2], "no .blend file, cut short, damaged"),
    "a head": (lambda blend: _whole(blend)[:40], "no .blend file, cut short, damaged"),
    "from a newer one": (_newer, "was written by Blender 9"),
    "from Blender 9": (lambda blend: b"BLENDER17-01v0905REND", "was written by Blender 9.5, and this is Blender"),
    "from Blender 9 as it was": (lambda blend: b"BLENDER-v905REND", "was written by Blender 9.5"),
}


@pytest.mark.parametrize(("content", "sentence"), BAD.values(), ids=BAD)
def test_what_cannot_be_opened_is_refused_in_a_sentence(
    blend: Path, content: Callable[[Path], bytes], sentence: str, capfd: pytest.CaptureFixture[str]
) -> None:
    box("Table", (1, 1, 1))
    bpy.ops.wm.save_as_mainfile(filepath=str(blend), copy=True, compress=False)
    blend.write_bytes(content(blend))
    capfd.readouterr()  # Blender says that it has saved it
    with pytest.raises(InputError, match=sentence) as caught, opened(blend, save=False):
        pass
    assert caught.value.user_message.startswith(str(blend))
    assert caught.value.user_message.endswith(".")
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("name", ["nowhere.blend", ""])
def test_a_file_that_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot be read"), opened(tmp_path / name, save=False):
        pass
