# SPDX-License-Identifier: GPL-3.0-or-later
"""The models on offer: their records, what a run costs, and what it delivers. The data is in ``records``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from .values import Json

__all__ = ["Model", "load_catalogue"]

_RECORDS: Final = Path(__file__).with_name("records")
_NOT_LISTED: Final = ("inputs", "uiConfig", "performanceStats", "trainingProgress")


@dataclass(frozen=True, slots=True)
class Model:
    """One model: ``record`` as shown by id; ``price`` and ``output`` as the files describe them."""

    record: Json
    price: Json
    output: Json

    @property
    def id(self) -> str:
        """The model's id."""
        return str(self.record["id"])

    @property
    def inputs(self) -> list[Json]:
        """The parameter schema."""
        return list(self.record["inputs"])

    @property
    def summary(self) -> Json:
        """The record as lists show it: without the parameter schema."""
        return {name: value for name, value in self.record.items() if name not in _NOT_LISTED}

    def settings(self, body: Json) -> Json:
        """The values of a run: the defaults, and over them what was sent."""
        return {entry["name"]: entry["default"] for entry in self.inputs if "default" in entry} | body

    def cost_cu(self, body: Json) -> Decimal:
        """What a run with this body costs, in Compute Units."""
        settings, cost_cu = self.settings(body), Decimal(self.price["base"])
        for name, surcharges in self.price.get("choices", {}).items():
            chosen = settings.get(name)
            for value in chosen if isinstance(chosen, list) else [chosen]:
                cost_cu += Decimal(surcharges.get(_price_key(value), 0))
        for name, cost_per_unit in self.price.get("per_unit", {}).items():
            default = next(entry["default"] for entry in self.inputs if entry["name"] == name)
            cost_cu += cost_per_unit * (Decimal(str(settings[name])) - default)
        return round(cost_cu, 2)


def load_catalogue() -> dict[str, Model]:
    """Every model by id, in the order of the file names. The records are everybody's: they are not to be changed."""
    return dict(_models())


@cache
def _models() -> dict[str, Model]:
    common = _read(_RECORDS / "common.json")
    models = {}
    for path in sorted(_RECORDS.glob("model_*.json")):
        entry = _read(path)
        price = json.loads(path.read_text("utf-8"), parse_float=Decimal)["price"]
        models[path.stem] = Model(record=common | entry["model"], price=price, output=entry["output"])
    return models


def _read(path: Path) -> Json:
    content: Json = json.loads(path.read_text("utf-8"))
    return content


def _price_key(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
