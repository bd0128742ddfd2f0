# SPDX-License-Identifier: GPL-3.0-or-later
"""A model record with every kind of parameter, as the service writes it."""

from __future__ import annotations

from typing import Any, Final

from scenario_addon.engine.api.wire import ModelRecord
from scenario_addon.engine.models.model import Model, model_from

__all__ = ["EVERYTHING", "model", "record"]

EVERYTHING: Final[tuple[dict[str, Any], ...]] = (
    {"name": "image", "type": "file", "kind": "image", "parent": True, "required": {"always": True}},
    {"name": "prompt", "type": "string", "prompt": True},
    {"name": "faceCount", "type": "number", "default": 40000, "min": 100, "max": 1000000, "costImpact": True},
    {"name": "texture", "type": "boolean", "default": True, "description": "Paint the mesh.", "group": "Look"},
    {"name": "strength", "type": "number", "default": 0.7, "min": 0, "max": 1, "step": 0.05, "group": "Look"},
    {"name": "quality", "type": "string", "default": "high", "allowedValues": ["high", "low"], "group": "Look"},
    {"name": "size", "type": "number", "default": 1024, "allowedValues": [512, 1024, 2048], "group": "Look"},
    {"name": "unlit", "type": "string", "default": "OFF", "allowedValues": ["ON", "OFF"], "group": "Look"},
    {"name": "tint", "type": "string", "color": True, "default": "#ff8000", "group": "Look"},
    {"name": "background", "type": "string", "color": True, "group": "Look"},
    {"name": "pose", "type": "string", "default": "", "allowedValues": ["", "a-pose", "t-pose"], "group": "Shape"},
    {"name": "style", "type": "string", "allowedValues": ["stone", "wood"], "group": "Shape"},
    {"name": "symmetric", "type": "boolean", "group": "Shape"},
    {"name": "formats", "type": "string_array", "default": ["glb"], "allowedValues": ["glb", "fbx", "obj"]},
    {"name": "tags", "type": "string_array"},
    {"name": "scale", "type": "number_array", "default": [1, 1, 1]},
    {"name": "lora", "type": "model"},
    {"name": "loras", "type": "model_array"},
    {"name": "parts", "type": "inputs_array", "inputs": [{"name": "title", "type": "string"}]},
    {"name": "mask", "type": "file", "kind": "image", "maskFrom": "image"},
    {"name": "rig", "type": "file", "kind": "3d"},
    {"name": "hologram", "type": "hologram"},
    {"name": "negativePrompt", "type": "string", "default": "blurry", "placeholder": "What to avoid"},
    {"name": "seed", "type": "number", "min": 0, "max": 4294967295},
    {"name": "name", "type": "string", "default": ""},
    {"name": 'odd "name" \\ ' + "x" * 60, "type": "number", "default": 1.5},
)


def model(*inputs: dict[str, Any], rules: tuple[dict[str, Any], ...] = ()) -> Model:
    return model_from(ModelRecord.model_validate(record(*inputs)), knowledge={"rules": rules}, is_builtin=False)


def record(*inputs: dict[str, Any]) -> dict[str, Any]:
    """What the service says of such a model."""
    return {"id": "model_synthetic", "capabilities": ["img23d"], "inputs": list(inputs or EVERYTHING)}
