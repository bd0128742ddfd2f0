# SPDX-License-Identifier: GPL-3.0-or-later
"""Of a glTF comes in what it shows by default, as it stands there without any animation."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenario_addon.engine.gltf.accessors import Beside
from scenario_addon.engine.gltf.draft import Draft
from scenario_addon.engine.mending.mending import Mend
from scenario_addon.engine.mending.scene import be_at_rest, is_animated_rig, show_default_scene_alone

MOVED = {"sampler": 0, "target": {"node": 0, "path": "scale"}}
POINTER = "KHR_animation_pointer"


def pointed(pointer: str) -> dict[str, Any]:
    return {"sampler": 0, "target": {"path": "pointer", "extensions": {POINTER: {"pointer": pointer}}}}


def changed(root: dict[str, Any], mend: Mend) -> dict[str, Any] | None:
    """What becomes of a copy; ``None`` for nothing else."""
    draft = Draft(copy.deepcopy(root), chunk=None, beside=Beside(None))
    if mend(draft):
        assert not mend(draft), "what is mended needs no mend"
        return draft.root
    assert draft.root == root
    return None


def at_rest(root: dict[str, Any]) -> Any:
    return changed(root, be_at_rest)


def default_scene_alone(root: dict[str, Any]) -> Any:
    return changed(root, show_default_scene_alone)


# -- at rest


def test_without_animations_all_is_as_it_is() -> None:
    root = {"nodes": [{"scale": [1, 2, 3]}], "extensionsUsed": [POINTER]}
    assert at_rest(root) is None


def test_animations_go_and_everything_else_stays() -> None:
    root = {
        "nodes": [{"scale": [1, 2, 3], "weights": [0.5]}],
        "animations": [{"channels": [MOVED]}],
        "extensionsUsed": [POINTER, "KHR_materials_unlit"],
        "extensionsRequired": [POINTER],
    }
    assert at_rest(root) == {"nodes": root["nodes"], "extensionsUsed": ["KHR_materials_unlit"]}


@pytest.mark.parametrize(
    ("parts", "is_one"),
    [
        ({"skins": [{}]}, True),
        ({"meshes": [{"primitives": [{}, {"targets": [{}]}]}]}, True),
        ({"meshes": [{"primitives": [{}]}]}, False),
        ({"skins": [{}], "animations": []}, False),
    ],
)
def test_only_what_bones_or_shapes_move_is_an_animated_rig(parts: dict[str, Any], *, is_one: bool) -> None:
    assert is_animated_rig({"animations": [{"channels": [MOVED]}], **parts}) == is_one


# -- the default scene


def test_a_file_of_one_scene_that_has_all_stays_as_it_is() -> None:
    root = {"scenes": [{"nodes": [0]}], "nodes": [{"children": [1]}, {"mesh": 0}], "animations": []}
    assert default_scene_alone(root) is None


def test_a_file_without_scenes_stays_as_it_is() -> None:
    root = {"nodes": [{"mesh": 0}]}
    assert default_scene_alone(root) is None


@pytest.mark.parametrize(("default", "kept"), [(None, 0), (0, 0), (1, 1), (7, 0), ("x", 0)])
def test_the_default_scene_comes_in_and_nothing_else(default: Any, kept: int) -> None:
    root: dict[str, Any] = {
        "scenes": [{"nodes": [0], "name": "a"}, {"nodes": [1], "name": "b"}],
        "nodes": [{"mesh": 0, "name": "first"}, {"children": [2], "name": "second"}, {"mesh": 1}, {"mesh": 2}],
    }
    if default is not None:
        root["scene"] = default
    alone = default_scene_alone(root)
    assert (alone["scene"], alone["scenes"]) == (0, [root["scenes"][kept]])
    assert [node.get("mesh") for node in alone["nodes"]] == [[0, None, None, None], [None, None, 1, None]][kept]
    assert [node.get("name") for node in alone["nodes"]] == ["first", "second", None, None]


@pytest.mark.parametrize("empty", [{}, {"nodes": []}, {"nodes": [1]}])
def test_where_the_default_scene_shows_no_mesh_the_first_that_does_comes_in(empty: dict[str, Any]) -> None:
    root = {"scene": 1, "scenes": [{"nodes": [0]}, empty], "nodes": [{"mesh": 0}, {"camera": 0}]}
    alone = default_scene_alone(root)
    assert alone["scenes"] == [{"nodes": [0]}]
    assert alone["nodes"] == [{"mesh": 0}, {}]


def test_where_no_scene_shows_a_mesh_all_stays() -> None:
    root = {"scenes": [{"nodes": [0]}, {}], "nodes": [{}, {"mesh": 0}]}
    assert default_scene_alone(root) is None


def test_what_is_in_no_scene_does_not_come_in_with_one() -> None:
    root = {
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}, {"mesh": 1, "extensions": {"X": {}}, "scale": [1, 1, 2]}],
    }
    assert default_scene_alone(root)["nodes"] == [{"mesh": 0}, {"scale": [1, 1, 2]}]


RIG: dict[str, Any] = {
    "scenes": [{"nodes": [0]}, {"nodes": [4]}],
    "nodes": [
        {"mesh": 0, "skin": 1},
        {"children": [2, 3], "name": "hips"},
        {"name": "spine", "mesh": 2},
        {"name": "tail"},
        {"mesh": 1, "skin": 0, "children": [5]},
        {"name": "other hips"},
    ],
    "skins": [{"joints": [5]}, {"joints": [2]}],
    "animations": [
        {"name": "walk", "channels": [{"target": {"node": 2}}, {"target": {"node": 5}}]},
        {"name": "other walk", "channels": [{"target": {"node": 5}}, pointed("/nodes/4/translation")]},
        {"name": "glow", "channels": [pointed("/materials/0/emissiveFactor"), pointed("/nodes/3/rotation")]},
    ],
}


def test_bones_outside_of_the_scene_come_in_with_what_wears_them() -> None:
    alone = default_scene_alone(RIG)
    assert alone["scenes"] == [{"nodes": [0, 1]}]
    assert alone["nodes"][1:4] == [{"children": [2, 3], "name": "hips"}, {"name": "spine"}, {"name": "tail"}]
    assert alone["nodes"][4:] == [{}, {"name": "other hips"}]


def test_bones_that_nothing_wears_stay_where_they_are_shown() -> None:
    root = {
        "scenes": [{"nodes": [0, 1]}],
        "nodes": [{"mesh": 0}, {"name": "hips"}],
        "skins": [{"joints": [1]}],
    }
    assert default_scene_alone(root) is None


def test_skins_of_other_scenes_are_left_out() -> None:
    alone = default_scene_alone(RIG)
    assert (alone["nodes"][0]["skin"], alone["skins"]) == (0, [{"joints": [2]}])
    bare = default_scene_alone(
        {**RIG, "scenes": [{"nodes": [3]}, {"nodes": [6]}], "scene": 1, "nodes": [*RIG["nodes"], {"mesh": 0}]}
    )
    assert "skins" not in bare


def test_what_moves_other_scenes_is_left_out() -> None:
    walk, glow = default_scene_alone(RIG)["animations"]
    assert (walk["name"], walk["channels"]) == ("walk", [{"target": {"node": 2}}])
    assert (glow["name"], len(glow["channels"])) == ("glow", 2)
    still = {**RIG, "animations": RIG["animations"][1:2]}
    assert "animations" not in default_scene_alone(still)


def test_nodes_that_hang_in_a_circle_end_no_walk() -> None:
    root = {
        "scenes": [{"nodes": [0]}, {}],
        "nodes": [{"mesh": 0, "skin": 0, "children": [0]}, {"children": [2]}, {"children": [1]}],
        "skins": [{"joints": [1]}],
    }
    assert default_scene_alone(root)["nodes"] == root["nodes"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 3) | st.text(max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["nodes", "mesh", "children", "skin", "joints", "channels", "target", "node"]), inner
        )
    ),
    max_leaves=12,
)
PARTS = st.sampled_from(["scene", "scenes", "nodes", "skins", "animations", "extensionsUsed", "extensionsRequired"])


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(PARTS, JSON | st.lists(JSON, max_size=3)))
def test_what_makes_no_sense_is_passed_on(root: dict[str, Any]) -> None:
    for mend in (be_at_rest, show_default_scene_alone):
        assert isinstance(changed(root, mend), dict | None)
