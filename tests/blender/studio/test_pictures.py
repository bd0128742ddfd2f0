# SPDX-License-Identifier: GPL-3.0-or-later
"""What is on the pictures of a subject, by their pixels."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from scenario_addon.blender.studio.capture import Capture
from scenario_addon.blender.studio.sides import Facing, View
from scenario_addon.engine.values import VIEWS
from tests.blender.sample_subjects import (
    COLOURS,
    MARK,
    SIZE,
    add,
    box,
    marked_box,
    middle,
    painted,
    pixels,
    reach_px,
    select,
    shining,
    where,
)

Take = Callable[..., Capture]
PX: Final = 128
WIDE: Final = (SIZE[0] + SIZE[1]) * math.sqrt(0.5)
EXTENTS: Final = {
    **dict.fromkeys(("front", "back"), (SIZE[0], SIZE[2])),
    **dict.fromkeys(("left", "right"), (SIZE[1], SIZE[2])),
    **dict.fromkeys(("top", "bottom"), (SIZE[0], SIZE[1])),
    **dict.fromkeys(("left-front", "right-front"), (WIDE, SIZE[2])),
}
"""Metres across and up in the picture."""
MARKS: Final = {
    "front": (1, 1),
    "left": (-1, 1),
    "right": (1, 1),
    "back": (-1, 1),
    "top": (1, -1),
    "bottom": (1, 1),
}
"""Whether the mark of that side is to the right and up in the picture."""


def surround(*, lit_from: float = 0.0) -> None:
    """Put things around the marked box that hide it, shade it, mirror it and light it."""
    for number, place in enumerate([(4, -4.8, 2), (4, 0, 2), (6.5, -3, 2), (1.5, -3, 2), (4, -3, 6), (4, -3, -2)]):
        box(f"Wall {number}", (4, 0.5, 4) if place[0] == 4 else (0.5, 4, 4), place)
    for kind in ("SUN", "POINT"):
        lamp: Any = bpy.data.lights.new(kind, kind)
        lamp.energy = 1000.0
        add(lamp, kind, (4, -3.8, 4))
    world: Any = bpy.data.worlds.new("Fire")
    if world.node_tree is None:
        world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (1, 0, 0, 1)
    bpy.context.scene.world = world


def test_each_of_the_eight_sides_shows_what_it_should_at_one_scale(take: Take) -> None:
    subject = marked_box()
    surround()
    select(subject)
    capture = take(*VIEWS)
    assert list(capture.pictures) == list(VIEWS)
    assert capture.m_per_px == pytest.approx(SIZE[2] / 0.9 / PX, rel=2e-3)
    assert capture.low == pytest.approx((3.5, -4.001, 0.4985), abs=2e-3)
    assert capture.high == pytest.approx((4.5, -1.999, 3.5015), abs=2e-3)
    for side, path in capture.pictures.items():
        picture = pixels(path)
        assert picture.shape == (PX, PX, 4)
        alpha = picture[..., 3]
        assert not alpha[0].any() and not alpha[-1].any() and not alpha[:, 0].any() and not alpha[:, -1].any(), side
        sizes_m = [length * capture.m_per_px for length in reach_px(picture)]
        assert sizes_m == pytest.approx(EXTENTS[side], rel=0.02), side
        assert middle(alpha > 127) == pytest.approx((0, 0), abs=0.02), side
        seen = {name for name, colour in COLOURS.items() if where(picture, colour).any()}
        assert seen == set(side.split("-")), side
        if side in MARKS:
            at = middle(where(picture, MARK))
            assert (np.sign(at) == MARKS[side]).all(), (side, at)
    for side, is_left_of_front in (("left-front", False), ("right-front", True)):
        picture = pixels(capture.pictures[side])
        flank, front = (middle(where(picture, COLOURS[name]))[0] for name in side.split("-"))
        assert (flank < front) == is_left_of_front


def test_nothing_around_it_changes_a_single_byte_and_the_same_picture_is_the_same_file(take: Take) -> None:
    subject = marked_box()
    subject.data.materials.clear()
    subject.data.materials.append(painted((0.6, 0.5, 0.4)))
    select(subject)
    alone = take("front", "top")
    surround()
    select(subject)
    bpy.context.scene.view_settings.exposure = 3.0
    assert take("front", "top").pictures == alone.pictures


def test_no_side_is_black_nor_burnt_out(take: Take) -> None:
    subject = box("Grey", (1, 1, 1))
    subject.data.materials[0] = painted((0.8, 0.8, 0.8))
    select(subject)
    for path in take(*VIEWS).pictures.values():
        picture = pixels(path)
        seen = picture[picture[..., 3] == 255]
        assert seen[:, :3].min() > 90 and seen[:, :3].max() < 255


def test_the_scenes_own_lights_and_world_light_it_where_that_is_asked_for(take: Take) -> None:
    select(box("Grey", (1, 1, 1)))
    data: Any = bpy.data.lights.new("Red", "SUN")
    data.color, data.energy = (1, 0, 0), 3.0
    lamp = add(data, "Red")
    lamp.rotation_euler.y = math.radians(90)  # shines along -X: onto the left
    hidden = add(bpy.data.lights.new("Hidden", "SUN"), "Hidden")
    hidden.hide_set(True)
    bpy.context.scene.world = None
    captured = take("left", "front", light="SCENE").pictures
    left, front = (pixels(captured[side])[PX // 2, PX // 2] for side in ("left", "front"))
    assert left[0] > 80 and left[1] < 20 and front[:3].max() < 20


@pytest.mark.parametrize("is_instance", [False, True])
def test_parts_that_end_in_one_plane_have_no_black_patches(take: Take, is_instance: bool) -> None:
    seat, back = box("Seat", (1, 1, 0.3)), box("Back", (1, 0.2, 1), (0, 0.4, 0.4))
    select(seat, back)
    if is_instance:
        kit = bpy.data.collections.new("Kit")
        for part in (seat, back):
            bpy.context.scene.collection.objects.unlink(part)
            kit.objects.link(part)
        empty = add(None, "Chair")
        empty.instance_type, empty.instance_collection = "COLLECTION", kit
        select(empty)
    for path in take("left", "back", "left-front", samples=1).pictures.values():
        picture = pixels(path)
        assert picture[picture[..., 3] == 255][:, :3].max(axis=1).min() > 60


def test_a_side_is_the_same_picture_alone_and_among_others_at_its_scale(take: Take) -> None:
    select(box("Block", (3, 1, 1)))
    assert take("front").pictures["front"] == take("front", "left", "top").pictures["front"]


def test_an_opaque_picture_has_a_white_ground_and_no_alpha(take: Take) -> None:
    select(marked_box())
    from PIL import Image

    (path,) = take("left", ground="OPAQUE").pictures.values()
    with Image.open(path) as image:
        assert image.mode == "RGB"
    picture = pixels(path)
    assert where(picture, (255, 255, 255))[:, :4].all()
    assert where(picture, COLOURS["left"]).sum() > 0.4 * PX * PX


def test_clay_is_one_grey_whatever_the_materials(take: Take) -> None:
    select(marked_box())
    (path,) = take("left-front", look="CLAY").pictures.values()
    picture = pixels(path)
    seen = picture[picture[..., 3] > 250][:, :3]
    assert np.ptp(seen, axis=1).mean() < 8  # four samples are not quite one grey
    assert 60 < seen.mean() < 230


def test_a_turned_object_is_seen_along_its_own_axes(take: Take) -> None:
    subject = marked_box()
    turn = math.radians(30)
    subject.rotation_euler.z = turn
    select(subject)
    capture = take("front", "left", facing=Facing.of_object(subject.matrix_world))
    for side, path in capture.pictures.items():
        picture = pixels(path)
        assert {name for name, colour in COLOURS.items() if where(picture, colour).any()} == {side}
        assert [length * capture.m_per_px for length in reach_px(picture)] == pytest.approx(EXTENTS[side], rel=0.02)
    placement = capture.placement()
    assert (placement.turn, placement.replaces) == (pytest.approx(turn), ("Marked",))
    assert placement.box == pytest.approx(SIZE, rel=0.01)
    assert placement.location == pytest.approx((4, -3, 0.5), abs=0.01)


def test_a_turned_object_fills_the_picture_from_the_front_of_the_world_as_well(take: Take) -> None:
    subject = box("Block", (4, 1, 1))
    subject.rotation_euler.z = math.radians(45)
    select(subject)
    width, _ = reach_px(pixels(take("front").pictures["front"]))
    assert width / PX == pytest.approx(0.9, abs=0.02)


@pytest.mark.parametrize(
    ("distance", "sides"), [(1.2, {"front", "left"}), (4.0, {"front", "left", "top"}), (40.0, {"front", "left", "top"})]
)
def test_the_artists_view_shows_the_same_sides_and_fills_the_picture(
    take: Take, distance: float, sides: set[str]
) -> None:
    subject = marked_box(location=(0, 0, 0))
    select(subject)
    eye = Matrix.Rotation(math.radians(40), 4, "Z") @ Matrix.Rotation(math.radians(60), 4, "X")
    eye = eye @ Matrix.Translation((0.4, 0.2, distance))
    view = View(tuple(tuple(row) for row in eye))
    capture = take(view=view, facing=Facing.of_view(eye))
    picture = pixels(capture.pictures["view"])
    assert {name for name, colour in COLOURS.items() if where(picture, colour).any()} == sides
    rows, columns = np.nonzero(picture[..., 3] > 127)
    assert max(np.ptp(rows), np.ptp(columns)) / PX == pytest.approx(0.9, abs=0.03)
    assert rows.min() + rows.max() == pytest.approx(PX - 1, abs=3)
    assert columns.min() + columns.max() == pytest.approx(PX - 1, abs=3)
    assert capture.m_per_px is None and capture.placement().turn == pytest.approx(math.radians(40))


def test_an_orthographic_view_keeps_its_tilt(take: Take) -> None:
    select(marked_box(location=(0, 0, 0)))
    eye = Matrix.Rotation(math.radians(45), 4, "X") @ Matrix.Translation((0, 0, 10))
    capture = take(view=View(tuple(tuple(row) for row in eye), is_perspective=False))
    picture = pixels(capture.pictures["view"])
    assert capture.m_per_px is not None
    width, height = (length * capture.m_per_px for length in reach_px(picture))
    assert (width, height) == (pytest.approx(1.0, rel=0.03), pytest.approx(5 * math.sqrt(0.5), rel=0.03))


def test_tiny_and_huge_subjects_far_from_the_origin_look_alike(take: Take) -> None:
    for size, place in ((0.001, (0, 0, 0)), (1000.0, (1e4, -1e4, 0))):
        subject = marked_box(f"Box {size}", location=place)
        subject.scale = (size,) * 3
        select(subject)
        picture = pixels(take("left").pictures["left"])
        assert where(picture, COLOURS["left"]).sum() > 0.5 * PX * PX, size
        assert middle(picture[..., 3] > 127) == pytest.approx((0, 0), abs=0.02), size


def test_a_shining_material_keeps_its_colour_to_the_pixel(take: Take) -> None:
    subject = box("Lamp", (1, 1, 1))
    subject.data.materials[0] = shining((255, 0, 0))
    select(subject)
    picture = pixels(take("front").pictures["front"])
    assert tuple(picture[PX // 2, PX // 2]) == (255, 0, 0, 255)
