# SPDX-License-Identifier: GPL-3.0-or-later
"""A small, fixed run of the fuzzer; ``scripts/fuzz.py`` goes on for as long as it is told to."""

from __future__ import annotations

import fuzz
import pytest


@pytest.mark.slow
def test_spoiled_meshes_and_answers_end_in_our_own_errors() -> None:
    report = fuzz.fuzz(seed=0, inputs=600)
    assert report.findings == []
    assert report.inputs == 600
    kinds = {outcome.split()[0] for outcome in report.outcomes if "accepted" in outcome or "understood" in outcome}
    assert kinds == {"glb", "gltf", "wire"}
    assert any(outcome.split() == ["http", "taken", "in"] for outcome in report.outcomes)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_inputs() -> None:
    assert fuzz.fuzz(seed=7, inputs=60).outcomes == fuzz.fuzz(seed=7, inputs=60).outcomes
