# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service's record of a model leaves unexplained is explained by the one that is built in."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.models.catalogue import BUILTIN_IDS, Catalogue
from scenario_addon.engine.models.model import Model
from scenario_addon.engine.models.words.labels import title
from tests.engine.listed_models import client_with
from tests.engine.model_samples import builtin, model_with

PIXAL = "model_pixal3d"
YVO = "model_yvo3d-image-to-3d"
SHIPPED = Path(__file__).parents[3] / "scenario_addon" / "engine" / "models" / "models.json"
RECORDS: dict[str, dict[str, Any]] = {
    entry["record"]["id"]: entry["record"] for entry in json.loads(SHIPPED.read_text(encoding="utf-8"))
}


def live(model_id: str, **changes: Any) -> Model:
    """A built-in model as the service may have it: bare names, and what is given for all inputs."""
    record = json.loads(json.dumps(RECORDS[model_id]))
    record.pop("uiConfig", None)
    for entry in record["inputs"]:
        for name in ("label", "description", "group"):
            entry.pop(name, None)
        entry.update({name: value(entry["name"]) for name, value in changes.items()})
    return Catalogue(None, "test").fetch(model_id, client_with(**{model_id: record}))


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).replace("_", " ")


@pytest.mark.parametrize("model_id", BUILTIN_IDS)
@pytest.mark.parametrize("label", [lambda name: None, str, str.upper, lambda name: _spaced(name).title()])
def test_a_label_that_is_missing_or_only_the_raw_name_is_the_built_in_one(model_id: str, label: Any) -> None:
    found = live(model_id, label=label)
    assert [p.label for p in found.parameters] == [p.label for p in builtin(model_id).parameters]


def test_a_label_that_says_something_better_stays() -> None:
    found = live(PIXAL, label=lambda name: f"My {title(name)}")
    assert {p.label.split()[0] for p in found.parameters} == {"My"}


def test_a_description_that_is_missing_or_says_less_is_the_built_in_one() -> None:
    own = "How closely the shape follows. "
    for told, noise in ((None, True), ("Guidance strength.", True), (own * 5, False)):
        found = live(PIXAL, description=lambda name, told=told: told).parameter("ssGuidanceStrength")
        assert found is not None
        assert ("may introduce noise" in found.description) is noise


def test_choices_and_groups_are_named_as_in_the_built_in_record() -> None:
    found = live("model_rodin-hyper3d").parameter("conditionMode")
    assert found is not None
    assert [choice.label for choice in found.choices] == ["Views of One Object", "Blend Several Objects"]
    assert {p.group for p in live(PIXAL).parameters} == {p.group for p in builtin(PIXAL).parameters}
    assert live(PIXAL, group=lambda name: "All" if name == "seed" else None).parameters[1].group is None


def test_a_value_that_nobody_names_reads_as_words() -> None:
    found = live(YVO).parameter("modelGenerator")
    assert found is not None
    assert [choice.label for choice in found.choices] == ["Fast True", "Fast Prime", "Ultima True", "Ultima Prime"]
    size = live(YVO).parameter("textureResolution")
    assert size is not None
    assert [choice.label for choice in size.choices] == ["1K", "2K", "Fast 4K", "Real 4K", "Ultima 8K"]


def test_the_facts_of_the_published_pages_are_in_the_tooltips() -> None:
    facts = {
        (PIXAL, "ssGuidanceStrength"): "may introduce noise",
        (PIXAL, "shapeSlatGuidanceStrength"): "may introduce noise",
        (PIXAL, "texSlatGuidanceStrength"): "may oversaturate",
        (YVO, "modelGenerator"): "cost more",
        (YVO, "insideOut"): "costs more",
        (YVO, "highdetails"): "Ultima Prime only",
    }
    for (model_id, name), fact in facts.items():
        found = builtin(model_id).parameter(name)
        assert found is not None
        assert fact in found.description


def test_inputs_and_values_that_would_read_the_same_keep_apart() -> None:
    found = model_with(
        {"name": "textureQuality", "type": "string", "label": "Quality", "allowedValues": ["a_b", "aB", "c"]},
        {"name": "geometryQuality", "type": "string", "label": "Quality"},
    )
    assert [p.label for p in found.parameters] == ["Texture Quality", "Geometry Quality"]
    assert [choice.label for choice in found.parameters[0].choices] == ["A B (a_b)", "A B (aB)", "C"]


@pytest.mark.parametrize("label", ["x" * 10_000, "\u202eevil\x1b[31m", "", "  ", "🙂", "нож", None, 7, ["a"]])
def test_whatever_a_label_is_it_reads_as_one_line(label: Any) -> None:
    found = model_with({"name": "faceCount", "type": "number", "label": label, "description": "d " * 9_000})
    assert 0 < len(found.parameters[0].label) <= 200
    assert "\n" not in found.parameters[0].label and "\u202e" not in found.parameters[0].label
    assert len(found.parameters[0].description) <= 4_000
