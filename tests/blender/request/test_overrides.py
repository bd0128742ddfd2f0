# SPDX-License-Identifier: GPL-3.0-or-later
"""What a script asks of Generate in its call alone: the artist's own choices are there again afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import bpy
import pytest

from scenario_addon.blender.form import parameters
from tests.blender.live import FAST_VALUES, Live
from tests.engine.picture_samples import save_picture

MULTIVIEW = "model_hunyuan-3d-pro-3-1-multiview"
FAST = "model_hunyuan-3d-v2-1"


def test_model_source_parameters_and_output_come_from_the_call(live: Live, tmp_path: Path) -> None:
    model = live.choose(MULTIVIEW, {"faceCount": 50000})
    live.settings.source = "VIEWPORT"
    fast = live.choose(FAST, {"steps": 20})
    live.settings.model = MULTIVIEW
    picture = save_picture(tmp_path / "chair.png")
    result = bpy.ops.scenario.generate(
        filepath=str(picture), model=FAST, parameters=json.dumps(FAST_VALUES), output=str(tmp_path / "Mesh és")
    )
    assert result == {"FINISHED"}
    job = live.job
    assert job.order.model_id == FAST and dict(job.order.values) == {"steps": 20, **FAST_VALUES}
    assert job.file is not None and job.file.path == tmp_path / "Mesh és" / "chair.glb"
    assert (live.settings.model, live.settings.source) == (MULTIVIEW, "VIEWPORT")
    stored = parameters.settings_of(live.settings.models, FAST)
    assert stored is not None and parameters.values(stored, fast) == {"steps": 20}
    others = parameters.settings_of(live.settings.models, model.id)
    assert others is not None and parameters.values(others, model) == {"faceCount": 50000}


def test_what_the_scene_says_counts_where_the_call_says_nothing(live: Live) -> None:
    live.ready_to_generate()
    bpy.ops.scenario.generate()
    assert dict(live.job.order.values) == FAST_VALUES


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"source": "WINDOW"}, "WINDOW is no source: choose one of"),
        ({"parameters": "steps=3"}, "no JSON"),
        ({"parameters": "[3]"}, "no JSON object"),
        ({"parameters": '{"stepz": 3}'}, "stepz is not a parameter"),
        ({"parameters": '{"steps": "many"}'}, "steps"),
        ({"model": "model_nobody"}, "model_nobody"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_changed(live: Live, arguments: dict[str, str], said: str) -> None:
    live.ready_to_generate()
    before = (live.settings.source, live.settings.model)
    with pytest.raises(RuntimeError, match=said):
        bpy.ops.scenario.generate(**arguments)
    assert (live.settings.source, live.settings.model) == before
    assert live.service.charges == []
    bpy.ops.scenario.generate()
    assert dict(live.job.order.values) == FAST_VALUES
