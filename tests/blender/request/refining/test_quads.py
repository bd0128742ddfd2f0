# SPDX-License-Identifier: GPL-3.0-or-later
"""A model is told to make quads in its own words."""

from __future__ import annotations

from typing import Any

import pytest

from scenario_addon.blender.request.refining.quads import quads_of
from tests.engine.model_samples import model_with as made


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"name": "topology", "type": "string", "default": "triangle", "allowedValues": ["triangle", "quad"]}, "quad"),
        ({"name": "polygonType", "type": "string", "allowedValues": ["triangle", "quadrilateral"]}, "quadrilateral"),
        ({"name": "faces", "type": "string", "default": "", "allowedValues": ["", "All Quads"]}, "All Quads"),
        ({"name": "quad", "type": "boolean", "default": False}, True),
        ({"name": "quads", "type": "boolean"}, True),
        ({"name": "quad", "type": "boolean", "default": True}, None),
        ({"name": "topology", "type": "string", "default": "quad", "allowedValues": ["triangle", "quad"]}, None),
        ({"name": "quality", "type": "string", "default": "", "allowedValues": ["", "18K Quad", "50K Quad"]}, None),
        ({"name": "prompt", "type": "string", "description": "such as: a quad bike"}, None),
        ({"name": "faceCount", "type": "number", "default": 4000}, None),
    ],
)
def test_the_value_that_says_quads_is_found_where_triangles_are_usual(entry: dict[str, Any], told: Any) -> None:
    model = made(entry)
    assert quads_of(model) == ({entry["name"]: told} if told is not None else {})
