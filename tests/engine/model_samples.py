# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded answers, models with chosen inputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scenario_addon.engine.api.wire import InputRecord, ModelRecord, parse
from scenario_addon.engine.models.catalogue import Catalogue
from scenario_addon.engine.models.model import Model, model_from
from scenario_addon.engine.models.schema import Parameter, parameter_from

__all__ = ["builtin", "example", "file_input", "model_with", "parameter", "record"]


def example(name: str) -> Any:
    """A recorded or documented answer of the service, from ``examples``."""
    return json.loads(Path(__file__).with_name("examples").joinpath(f"{name}.json").read_text(encoding="utf-8"))


def builtin(model_id: str) -> Model:
    """A built-in model, as it is without network and cache."""
    return Catalogue(None, "test").known(model_id)


def parameter(**entry: Any) -> Parameter:
    """A parameter from one entry of a record's ``inputs``."""
    return parameter_from(parse(InputRecord, {"name": "x", "type": "string", **entry}))


def record(*inputs: dict[str, Any], **fields: Any) -> ModelRecord:
    """A model's record with these inputs."""
    return parse(
        ModelRecord, {"id": "model_test", "name": "Test", "capabilities": ["img23d"], "inputs": inputs, **fields}
    )


def model_with(*inputs: dict[str, Any], knowledge: dict[str, Any] | None = None, **fields: Any) -> Model:
    """A model with these inputs."""
    return model_from(record(*inputs, **fields), knowledge=knowledge or {}, is_builtin=False)


def file_input(name: str, **entry: Any) -> dict[str, Any]:
    """An entry of ``inputs`` for one picture."""
    return {"name": name, "type": "file", "kind": "image", **entry}
