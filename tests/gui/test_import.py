# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh comes in as one step of the artist's own history, whatever mode the artist is in."""

from typing import Any

import numpy as np
import pytest

from tests.blender.sample_meshes import join_glb, split_glb, textured_box
from tests.gui.driver import Window
from tests.gui.quick_service import QuickService
from tests.profile import Profile

WALK = "tests.gui.walk_import:{}"


@pytest.mark.parametrize("mode", ["OBJECT", "TEXTURE_PAINT"])  # Edit and Sculpt: test_panel_jobs
def test_one_ctrl_z_takes_the_mesh_away_and_nothing_else(
    profile: Profile, service: QuickService, picture: str, mode: str
) -> None:
    arguments = {"picture": picture, "mode": mode}
    with Window(
        profile, WALK.format("comes_in_while_at_work"), environment=service.environment, arguments=arguments
    ) as window:
        came, undone, undone_twice, redone, redone_twice = window.result()
    assert [state["meshes"] for state in (came, undone, undone_twice, redone, redone_twice)] == [1, 0, 0, 0, 1]
    assert {state["mode"] for state in (came, undone, redone, redone_twice)} == {mode}
    assert (came["libraries"], came["converted"]) == ([], ["Converted"])
    assert came["last"] == "SCENARIO_OT_import_result"
    if mode == "OBJECT":
        assert [state["x"] for state in (came, undone, undone_twice, redone)] == [3, 3, 0, 3]
    else:
        assert came["active"] == "Cube"


@pytest.mark.one_window
def test_the_panel_of_the_last_operation_places_the_mesh_anew_each_time(
    profile: Profile, service: QuickService, picture: str
) -> None:
    arguments = {"picture": picture}
    with Window(profile, WALK.format("is_adjusted"), environment=service.environment, arguments=arguments) as window:
        found = window.result()
    assert [state["degrees"] for state in found] == [[0], [45], [30], []]
    assert found[2]["converted"] == ["Converted"]
    assert found[-1]["x"] == 0


def test_where_textures_show_each_is_made_ready_before_the_mesh_is_seen(
    profile: Profile, service: QuickService, picture: str
) -> None:
    walk = WALK.format("comes_in_where_textures_show")
    with Window(profile, walk, environment=service.environment, arguments={"picture": picture}) as window:
        found = window.result()
    assert found["seen"] == [0] * len(found["seen"]) != []
    assert (found["came"]["meshes"], found["came"]["converted"]) == (1, ["Converted"])
    assert found["left"]["meshes"] == 0


def with_parts(glb: bytes, *parts: tuple[str, str, np.ndarray], **more: Any) -> bytes:
    """The GLB of a box with further accessors, a type and an array each; those with a name are attributes of it."""
    document, binary = split_glb(glb)
    (primitive,) = document["meshes"][0]["primitives"]
    for name, kind, values in parts:
        data = values.tobytes()
        document["bufferViews"].append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(data)})
        component = {"float32": 5126, "uint16": 5123}[values.dtype.name]
        view = len(document["bufferViews"]) - 1
        document["accessors"].append(
            {"bufferView": view, "componentType": component, "count": len(values), "type": kind}
        )
        if name:
            primitive["attributes"][name] = len(document["accessors"]) - 1
        binary += data
    document["buffers"][0]["byteLength"] = len(binary)
    return join_glb({**document, **more}, binary)


def points_of(glb: bytes) -> int:
    document, _ = split_glb(glb)
    return document["accessors"][document["meshes"][0]["primitives"][0]["attributes"]["POSITION"]]["count"]


def growing_rig() -> bytes:
    """A box on a bone that grows it from nothing, for two seconds."""
    box = textured_box()
    count, first = points_of(box), len(split_glb(box)[0]["accessors"])
    bones, weights = np.zeros((count, 4), np.uint16), np.tile(np.float32([1, 0, 0, 0]), (count, 1))
    sizes = np.float32([[0, 0, 0], [1, 1, 1]])
    channel = {"sampler": 0, "target": {"node": 1, "path": "scale"}}
    return with_parts(
        box,
        ("JOINTS_0", "VEC4", bones),
        ("WEIGHTS_0", "VEC4", weights),
        ("", "SCALAR", np.float32([[0], [2]])),
        ("", "VEC3", sizes),
        scenes=[{"nodes": [0, 1]}],
        nodes=[{"mesh": 0, "skin": 0}, {"name": "bone"}],
        skins=[{"joints": [1]}],
        animations=[{"channels": [channel], "samplers": [{"input": first + 2, "output": first + 3}]}],
    )


def red_box() -> bytes:
    """A box that is red by its points alone."""
    box = textured_box()
    document, binary = split_glb(box)
    del document["meshes"][0]["primitives"][0]["material"]
    bare = join_glb({**document, "materials": [], "textures": [], "images": []}, binary)
    return with_parts(bare, ("COLOR_0", "VEC4", np.tile(np.float32([1, 0, 0, 1]), (points_of(box), 1))))


@pytest.mark.one_window
def test_a_model_comes_in_at_rest_whatever_the_frame_and_its_animations_go_with_it(
    profile: Profile, service: QuickService, picture: str
) -> None:
    service.deliver(growing_rig())
    arguments = {"picture": picture, "frame": 37}
    with Window(profile, WALK.format("comes_in_at"), environment=service.environment, arguments=arguments) as window:
        found = window.result()
    came = found["came"]
    assert came["converted"] == ["Converted"]
    assert came["size"] == came["later"] == found["direct"] == [1.0, 3.0, 2.0]
    assert (came["frame"], came["fps"], came["muted"]) == (37, 30, [True])
    assert found["left"] == {"meshes": 0, "actions": 0}


@pytest.mark.one_window
def test_colours_of_points_are_seen(profile: Profile, service: QuickService, picture: str) -> None:
    service.deliver(red_box())
    walk = WALK.format("comes_in_coloured")
    with Window(profile, walk, environment=service.environment, arguments={"picture": picture}) as window:
        found = window.result()
    assert found == {"shading": "MATERIAL", "converted": ["Converted"]}
