# SPDX-License-Identifier: GPL-3.0-or-later
"""Another seed gives another mesh, and the same seeds come of the same command."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.errors import InputError
from scenario_addon.engine.models.seeds import (
    another_seed,
    derived_seed,
    maker_of,
    seed_ending,
    seed_of,
    seed_parameter,
    seeds_from,
    unseeded,
)
from tests.engine.model_samples import builtin, model_with
from tests.engine.orders import sample_order


@pytest.mark.parametrize(("model_id", "last"), [("model_rodin-hyper3d", 65535), ("model_pixal3d", 2**31 - 1)])
def test_a_seed_is_within_what_the_model_takes(model_id: str, last: int) -> None:
    parameter = seed_parameter(builtin(model_id))
    found = {another_seed(parameter, 7) for _ in range(200)}
    assert len(found) > 100 and 7 not in found
    assert all(0 <= seed <= last for seed in found)


def test_seeds_are_counted_up_and_after_the_last_comes_the_first() -> None:
    parameter = seed_parameter(builtin("model_rodin-hyper3d"))
    assert seeds_from(parameter, 65534, 4) == [65534, 65535, 0, 1]
    with pytest.raises(InputError, match="ask for fewer"):
        seeds_from(parameter, 0, 65537)


@pytest.mark.parametrize(
    ("limits", "first", "found"),
    [
        ({"max": 2**32 - 1}, 2**32 - 2, [2**32 - 2, 2**32 - 1, 0]),
        ({}, 2**40, [2**40, 2**40 + 1, 2**40 + 2]),
        ({"min": 5, "max": 7}, 6, [6, 7, 5]),
        ({"min": -1, "max": 9}, 8, [8, 9, 0]),
    ],
)
def test_a_seed_that_somebody_has_chosen_is_the_first(limits: dict[str, Any], first: int, found: list[int]) -> None:
    parameter = seed_parameter(model_with({"name": "seed", "type": "number", **limits}))
    assert seeds_from(parameter, first, 3) == found


def test_nothing_is_counted_up_from_a_seed_that_stands_for_chance() -> None:
    parameter = seed_parameter(model_with({"name": "seed", "type": "number", "min": -1}))
    with pytest.raises(InputError, match="seed: seeds are counted up from 0 or more, not from -1"):
        seeds_from(parameter, -1, 2)


@pytest.mark.parametrize("limits", [{}, {"min": 3, "max": 5}, {"max": 65535}, {"min": 1, "max": 2**40}])
def test_a_derived_seed_is_one_that_the_model_takes_and_always_the_same(limits: dict[str, Any]) -> None:
    parameter = seed_parameter(model_with({"name": "seed", "type": "number", **limits}))
    found = [derived_seed(parameter, f"{number * 7919:032x}") for number in range(100)]
    assert found == [derived_seed(parameter, f"{number * 7919:032x}") for number in range(100)]
    assert [parameter.check(seed) for seed in found] == found
    assert len(set(found)) == (3 if limits.get("max") == 5 else 100)


def test_an_order_without_its_seed_is_what_it_was_before(tmp_path: Path) -> None:
    plain = sample_order(folder=tmp_path)
    order = replace(plain, values={**plain.values, "seed": 7}, name=plain.name + seed_ending(7))
    assert (order.name, seed_of(order), seed_of(plain)) == ("chair-seed7", 7, None)
    assert unseeded(order) == unseeded(plain) == plain
    assert (maker_of(order), maker_of(plain)) == ("hunyuan-3d-v2-1, seed 7", "hunyuan-3d-v2-1")


def test_a_model_without_a_seed_says_so() -> None:
    with pytest.raises(InputError, match="has no seed"):
        seed_parameter(builtin("model_yvo3d-image-to-3d"))
