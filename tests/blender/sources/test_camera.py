# SPDX-License-Identifier: GPL-3.0-or-later
"""What the scene's camera sees, as a source where there is no window."""

from __future__ import annotations

import json

import bpy
import numpy as np
import pytest
from PIL import Image

from scenario_addon.blender.picture.framed.camera import capture_camera
from scenario_addon.blender.picture.viewport import LastDrawing
from scenario_addon.blender.request.filling import fill_in
from scenario_addon.blender.request.reading import read
from scenario_addon.blender.sources.camera import seen_by_camera
from scenario_addon.blender.sources.originals import find
from scenario_addon.engine.errors import PictureError
from scenario_addon.engine.models import sides
from tests.blender.live import Live
from tests.limits import shorten

PX = 128
NO_CAMERA = "The scene has no camera: add one, or choose another source."


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the model wanted pictures that take no time."""
    shorten(monkeypatch, sides, _SIZE_PX=PX)


def camera(kind: str = "PERSP") -> bpy.types.Object:
    """A camera at -10 on Y that looks along it, 36 mm wide by 20.25 high on 50 mm, or 6 m wide."""
    found = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    found.location, found.rotation_euler = (0.0, -10.0, 0.0), (1.5707963, 0.0, 0.0)
    found.data.type, found.data.ortho_scale, found.data.clip_end = kind, 6.0, 100.0
    bpy.context.scene.collection.objects.link(found)
    bpy.context.scene.camera = found
    return found


def cube(name: str, *location: float, size: float = 1.0) -> bpy.types.Object:
    bpy.ops.mesh.primitive_cube_add(size=size, location=location)
    bpy.context.object.name = name
    return bpy.context.object


def seen() -> set[str]:
    return set(seen_by_camera(bpy.context.scene, bpy.context.evaluated_depsgraph_get()))


@pytest.mark.parametrize("kind", ["PERSP", "ORTHO"])
def test_the_camera_sees_what_reaches_into_its_frame_and_a_render_would_show(kind: str) -> None:
    camera(kind)
    cube("in the middle", 0, 0, 0)
    cube("half out", 3.2, 0, 0)
    cube("beside", 9, 0, 0)
    cube("behind", 0, -14, 0)
    cube("too far", 0, 200, 0)
    cube("not rendered", 0, 0, 1).hide_render = True
    cube("not to cameras", 0, 0, -1).visible_camera = False
    bpy.ops.object.light_add(location=(0, 0, 0))
    assert seen() == {"in the middle", "half out"}


def test_instances_are_seen_as_what_makes_them() -> None:
    camera()
    inside = bpy.data.collections.new("inside")
    part = cube("part", 0, 0, 0)
    bpy.context.scene.collection.objects.unlink(part)
    inside.objects.link(part)
    for name, x in (("near", 0.0), ("away", 40.0)):
        bpy.ops.object.collection_instance_add(collection="inside", location=(x, 0, 0))
        bpy.context.object.name = name
    assert seen() == {"near"}


@pytest.mark.usefixtures("small")
def test_without_a_window_the_studio_renders_what_the_camera_sees(live: Live) -> None:
    camera()
    cube("chair", 1.0, 0, 0.5, size=0.4)
    cube("away", 30, 0, 0)
    live.ready_to_generate()
    live.settings.source = "CAMERA"
    order, _ = fill_in(bpy.context, read(bpy.context))
    assert order.name == "Scene"
    (picture,) = order.images()
    with Image.open(picture.path) as image:
        alpha = np.asarray(image)[..., 3]
    assert alpha.shape == (PX, PX)
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    assert max(np.ptp(rows), np.ptp(columns)) / PX == pytest.approx(0.9, abs=0.02)
    assert find(bpy.context, "CAMERA").names == ("away",), "what is selected is what is replaced"
    live.settings.whole_view = True
    again, notes = fill_in(bpy.context, read(bpy.context))
    assert "Without a window, what the camera sees is always cropped to its objects." in notes
    assert again.images()[0].sha256 == picture.sha256, "the same view is the same picture"


@pytest.mark.usefixtures("small")
def test_the_place_of_what_the_camera_sees_faces_the_camera(live: Live) -> None:
    camera().location.x = 10.0
    bpy.context.scene.camera.rotation_euler.z = 0.7853982
    cube("chair", 0, 0, 0)
    live.ready_to_generate()
    live.settings.source, live.settings.placement = "CAMERA", "SOURCE"
    order, _ = fill_in(bpy.context, read(bpy.context))
    placement = json.loads(json.dumps(order.target))["placement"]
    assert placement["replaces"] == ["chair"]
    assert placement["turn"] == pytest.approx(0.7853982, abs=1e-4)


def test_without_a_camera_the_button_says_so(live: Live) -> None:
    live.ready_to_generate()
    live.settings.source = "CAMERA"
    assert read(bpy.context).problem == NO_CAMERA
    with pytest.raises(RuntimeError, match="The scene has no camera"):
        bpy.ops.scenario.generate()
    camera()
    assert read(bpy.context).problem is None


def test_a_camera_that_sees_nothing_orders_nothing(live: Live) -> None:
    camera()
    cube("behind", 0, -14, 0)
    live.ready_to_generate()
    live.settings.source = "CAMERA"
    with pytest.raises(RuntimeError, match="The camera sees no object: turn it to what you want as a mesh"):
        bpy.ops.scenario.generate()
    assert not live.service.charges and not live.service.assets


def test_drawing_it_takes_a_window(live: Live, tmp_path_factory: pytest.TempPathFactory) -> None:
    camera()
    with pytest.raises(PictureError, match="Without a window"):
        capture_camera(bpy.context, folder=tmp_path_factory.mktemp("pictures"), last=LastDrawing())
