# SPDX-License-Identifier: GPL-3.0-or-later
"""Another seed gives another mesh, and the same seeds come of the same command."""

from __future__ import annotations

import pytest

from scenario_addon.engine.errors import InputError
from scenario_addon.engine.models.seeds import another_seed, seed_parameter, seeds_from
from tests.engine.model_samples import builtin


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


def test_a_model_without_a_seed_says_so() -> None:
    with pytest.raises(InputError, match="has no seed"):
        seed_parameter(builtin("model_yvo3d-image-to-3d"))
