# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered of a mesh that is refined."""

import json

import pytest

from scenario_addon.blender.scene.refined import Refined


def test_what_was_refined_is_read_from_a_target_as_it_was_written() -> None:
    refined = Refined(kind="UVs", objects=("Héros", "Sword"), job_id="a1")
    assert Refined.of_target(json.loads(json.dumps({"scene": "Scene", **refined.in_target()}))) == refined


@pytest.mark.parametrize("data", [None, 3, "UVs", [], {}, {"kind": 4}, {"objects": ["Cube"]}])
def test_a_target_that_says_nothing_sensible_refines_nothing(data: object) -> None:
    assert Refined.of_target({"refined": data}) is None
    assert Refined.of_target({}) is None


def test_names_that_are_none_are_left_out() -> None:
    told = {"refined": {"kind": "Rig", "objects": ["Cube", 3, None], "job_id": 7}}
    assert Refined.of_target(told) == Refined(kind="Rig", objects=("Cube",))
