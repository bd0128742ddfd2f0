# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers are read as they come: extras, gaps and wrong types cost as little as possible."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenario_addon.engine.api import wire
from scenario_addon.engine.errors import ProtocolError
from tests.engine.model_samples import example

QUICK = settings(max_examples=50, deadline=None)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ANSWERS = [
    wire.ModelAnswer, wire.ModelsPage, wire.JobAnswer, wire.JobsPage, wire.GenerateAnswer,
    wire.AssetAnswer, wire.AssetsAnswer, wire.UploadAnswer, wire.ErrorBody,
]  # fmt: skip
MODEL: dict[str, Any] = example("lenient_model_retrieve_recorded_shape")["model"]


# -- what the service is known to send


def test_a_recorded_model_is_read_with_every_input() -> None:
    model = wire.parse(wire.ModelAnswer, example("lenient_model_retrieve_recorded_shape")).model
    assert model.id == "model_pixal3d"
    assert [entry.name for entry in model.inputs] == [entry["name"] for entry in MODEL["inputs"]]
    assert model.inputs[0].required == {"always": True}
    assert next(e for e in model.inputs if e.name == "texSlatGuidanceRescale").default == 0


def test_a_page_of_models_has_records_without_inputs_and_a_token() -> None:
    page = wire.parse(wire.ModelsPage, example("models_list_page1"))
    assert [model.id for model in page.models] == [model["id"] for model in example("models_list_page1")["models"]]
    assert all(not model.inputs for model in page.models)
    assert page.next_pagination_token


def test_the_last_page_has_no_token() -> None:
    assert not wire.parse(wire.ModelsPage, example("models_list_last_page")).next_pagination_token


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("job_queued", "queued"),
        ("job_in_progress", "in-progress"),
        ("job_success", "success"),
        ("job_failure", "failure"),
        ("lenient_job_docs_words", "processing"),
    ],
)
def test_a_job_is_read_whatever_its_status_word(name: str, status: str) -> None:
    assert wire.parse(wire.JobAnswer, example(name)).job.status == status


def test_a_failed_job_says_why_and_what_it_cost() -> None:
    job = wire.parse(wire.JobAnswer, example("job_failure")).job
    assert job.metadata.error == "The provider could not reconstruct a mesh from this image."
    assert job.metadata.hint is not None
    assert job.billing.cu_cost == Decimal(105)


def test_a_dry_run_has_a_price_to_the_cent_and_no_job() -> None:
    answer = wire.parse(wire.GenerateAnswer, example("dry_run_fractional_with_addon"))
    assert answer.creative_units_cost == Decimal("7.25")
    assert answer.job is None


def test_a_price_is_exact() -> None:
    assert wire.parse(wire.GenerateAnswer, {"creativeUnitsCost": 0.1}).creative_units_cost == Decimal("0.1")


def test_an_asset_is_read_though_its_seed_is_a_number() -> None:
    asset = wire.parse(wire.AssetAnswer, example("lenient_asset_numeric_seed")).asset
    assert (asset.mime_type, asset.metadata.type, asset.properties.size) == ("model/gltf-binary", "img23d", 14680064)


def test_an_upload_names_the_address_of_every_part() -> None:
    upload = wire.parse(wire.UploadAnswer, example("upload_create")).upload
    assert [part.number for part in upload.parts] == [1, 2]
    assert upload.parts[0].url.startswith("https://")


@pytest.mark.parametrize(
    ("body", "text", "trace"),
    [
        (example("error_400_validation")["body"], "Input image is required", "tr_EXAMPLE400"),
        (example("error_400_docs_shape")["body"], "The 'prompt' parameter is missing or empty.", None),
        (example("error_403_scope")["body"], "API Keys cannot access protected resources", None),
        ({"error": "e", "traceId": "t"}, "e", None),
        ({"detail": "d"}, "d", None),
        ({"reason": "", "message": "m"}, "m", None),
        ({"reason": {"code": 1}, "message": "m"}, "m", None),
        ({}, None, None),
    ],
)
def test_the_text_of_an_error_is_found_in_every_known_shape(
    body: dict[str, Any], text: str | None, trace: str | None
) -> None:
    error = wire.parse(wire.ErrorBody, body)
    assert (error.text, error.trace_id) == (text, trace)


def test_an_error_says_how_long_the_cooldown_is() -> None:
    assert wire.parse(wire.ErrorBody, example("error_429_cooldown")["body"]).remaining_seconds == 517


def test_a_trace_is_found_under_either_spelling() -> None:
    assert wire.parse(wire.ErrorBody, {"traceId": "t"}).trace_id_camel == "t"


# -- what it might send


@pytest.mark.parametrize("name", [name for name in wire.ModelRecord.model_fields if name != "id"])
def test_one_wrong_field_of_a_model_costs_that_field_alone(name: str) -> None:
    whole = wire.parse(wire.ModelRecord, MODEL)
    for junk in (None, 7, "seven", [], {}, [None], [7, {}], True, float("nan")):
        model = wire.parse(wire.ModelRecord, {**MODEL, wire.ModelRecord.model_fields[name].alias or name: junk})
        assert {n: v for n, v in model if n != name} == {n: v for n, v in whole if n != name}


def test_a_bad_input_does_not_cost_the_others() -> None:
    inputs = [
        {"name": "a", "type": "number"},
        {"type": "number"},
        7,
        None,
        {"name": "b", "type": "string", "min": "low"},
    ]
    read = wire.parse(wire.ModelRecord, {"id": "m", "inputs": inputs}).inputs
    assert [(entry.name, entry.min) for entry in read] == [("a", None), ("b", None)]


def test_a_bad_record_does_not_cost_the_rest_of_a_page() -> None:
    page = wire.parse(wire.ModelsPage, {"models": [{"id": "a"}, {"name": "no id"}, "b", {"id": "c"}]})
    assert [model.id for model in page.models] == ["a", "c"]


def test_what_is_left_out_is_told_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    wire.parse(wire.ModelsPage, {"models": [{"name": "no id"}]})
    assert "left out an entry" in caplog.text


def test_capabilities_may_be_objects() -> None:
    capabilities = ["img23d", {"type": "txt23d"}, {"kind": "?"}, 7]
    assert wire.parse(wire.ModelRecord, {"id": "m", "capabilities": capabilities}).capabilities == ["img23d", "txt23d"]


def test_one_odd_set_of_labels_does_not_cost_the_others() -> None:
    config = {"selects": {"a": {"1": "One"}, "b": ["x"]}, "inputProperties": {"a": {"collapsed": True}, "b": None}}
    read = wire.parse(wire.ModelRecord, {"id": "m", "uiConfig": config}).ui_config
    assert (read.selects, read.input_properties) == ({"a": {"1": "One"}}, {"a": {"collapsed": True}})


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_finite_number_counts_as_missing(number: float) -> None:
    entry = wire.parse(wire.InputRecord, {"name": "x", "type": "number", "min": number, "max": number, "step": number})
    assert (entry.min, entry.max, entry.step) == (None, None, None)
    assert wire.parse(wire.GenerateAnswer, {"creativeUnitsCost": number}).creative_units_cost is None


def test_limits_may_come_as_fractions_of_nothing() -> None:
    entry = wire.parse(wire.InputRecord, {"name": "x", "type": "file", "maxSize": 8e6, "maxLength": 4.0})
    assert (entry.max_size, entry.max_length) == (8_000_000, 4)


# -- what is shown, and what is sent back

STRANGE = "a\x1b[1m\u202eb\n\u200bc"
SHOWN = "a[1mb c"


def test_texts_for_people_are_cleaned_and_ids_are_not() -> None:
    entry = {"name": STRANGE, "type": "string", "label": STRANGE, "description": STRANGE, "hint": STRANGE}
    entry |= {"placeholder": STRANGE, "group": STRANGE, "default": STRANGE, "allowedValues": [STRANGE]}
    model = wire.parse(
        wire.ModelRecord, {"id": STRANGE, "name": STRANGE, "shortDescription": STRANGE, "inputs": [entry]}
    )
    assert (model.id, model.name, model.short_description) == (STRANGE, SHOWN, SHOWN)
    read = model.inputs[0]
    assert (read.label, read.description, read.hint, read.placeholder, read.group) == (SHOWN,) * 5
    assert (read.name, read.default, read.allowed_values) == (STRANGE, STRANGE, [STRANGE])

    metadata = {"error": STRANGE, "hint": STRANGE, "assetIds": [STRANGE]}
    job = wire.parse(wire.JobRecord, {"jobId": STRANGE, "status": STRANGE, "error": STRANGE, "metadata": metadata})
    assert (job.status, job.error, job.metadata.error, job.metadata.hint) == (SHOWN,) * 4
    assert (job.job_id, job.metadata.asset_ids) == (STRANGE, [STRANGE])

    names = ("reason", "message", "error", "detail", "trace_id", "traceId")
    error = wire.parse(wire.ErrorBody, dict.fromkeys(names, STRANGE))
    assert (error.reason, error.message, error.error, error.detail) == (SHOWN,) * 4
    assert (error.trace_id, error.trace_id_camel) == (SHOWN, SHOWN)

    asset = wire.parse(wire.AssetRecord, {"id": STRANGE, "url": STRANGE, "metadata": {"fileName": "a\u202eb  c.png"}})
    assert (asset.id, asset.url, asset.metadata.file_name) == (STRANGE, STRANGE, "ab  c.png")
    assert wire.parse(wire.UploadRecord, {"id": "u", "errorMessage": STRANGE}).error_message == SHOWN


def test_a_reason_is_kept_up_to_some_thousand_characters() -> None:
    text = wire.parse(wire.ErrorBody, {"reason": "word " * 10_000}).text
    assert text is not None
    assert (len(text), text[-1]) == (4_000, "…")


def test_a_reason_that_nobody_can_see_is_none() -> None:
    assert wire.parse(wire.ErrorBody, {"reason": "\u200b\x00", "message": "Too dark"}).text == "Too dark"


def test_an_id_without_measure_counts_as_missing() -> None:
    page = wire.parse(wire.ModelsPage, {"models": [{"id": "m" * 1_000_000}, {"id": "a", "tags": ["t" * 1_000_000]}]})
    assert [(model.id, model.tags) for model in page.models] == [("a", [])]


def test_a_file_name_without_measure_is_cut() -> None:
    asset = wire.parse(wire.AssetRecord, {"id": "a", "metadata": {"fileName": "x" * 16_000_000}})
    assert asset.metadata.file_name == "x" * 1_000


def test_no_list_is_read_without_end(caplog: pytest.LogCaptureFixture) -> None:
    page = wire.parse(wire.ModelsPage, {"models": [{"id": str(n)} for n in range(50_000)]})
    assert [model.id for model in page.models] == [str(n) for n in range(2_000)]
    wire.parse(wire.ModelsPage, {"models": [{}] * 50_000})
    assert len(caplog.records) == 2


# -- amounts


@pytest.mark.parametrize(
    ("stated", "read"),
    [
        (7.25, "7.25"),
        (0, "0"),
        (-0.0, "0"),
        (1_000_000_000, "1000000000"),
        ("12.5", "12.5"),
        (10.650000000000002, "10.65"),
        ("1e-999999999", "0"),
        (-0.01, None),
        (-100, None),
        ("-7", None),
        (1_000_000_001, None),
        (1e300, None),
        (10**4_000, None),
        ("NaN", None),
        (float("nan"), None),
        (float("-inf"), None),
        (True, None),
        ([5], None),
        ({"amount": 5}, None),
    ],
)
def test_an_amount_that_is_negative_or_absurd_is_not_told(stated: Any, read: str | None) -> None:
    wanted = None if read is None else Decimal(read)
    assert wire.parse(wire.GenerateAnswer, {"creativeUnitsCost": stated}).creative_units_cost == wanted
    assert wire.parse(wire.Billing, {"cuCost": stated}).total_cu == wanted
    fees = wire.parse(wire.Billing, {"cuCost": 0, "cuCostDetails": {"quality-gate": stated}})
    assert fees.total_cu == (wanted or 0)


@pytest.mark.parametrize(
    ("billing", "total"),
    [
        ({"cuCost": 6, "cuCostDetails": {"quality-gate": 1.25}}, "7.25"),
        ({"cuCost": 6, "cuCostDetails": {"quality-gate": 1.25, "ip-detection": 2}}, "9.25"),
        ({"cuCost": 6, "cuCostDetails": {"quality-gate": 0}}, "6"),
        ({"cuCost": 0, "cuCostDetails": {"quality-gate": 0}}, "0"),
        ({"cuCost": 6, "cuCostDetails": {}}, "6"),
        ({"cuCost": 6, "cuCostDetails": None}, "6"),
        ({"cuCost": 6, "cuCostDetails": [1, 2]}, "6"),
        ({"cuCost": 6, "cuCostDetails": {"quality-gate": None}}, "6"),
        ({"cuCostDetails": {"quality-gate": 1.25}}, "1.25"),
        ({"cuCost": -6, "cuCostDetails": {"quality-gate": 1.25}}, None),
        ({"cuCost": 6, "cuCostDetails": {str(n): 1e9 for n in range(3)}}, None),
        ({"cuCostDetails": {"quality-gate": -1}}, None),
        ({"cuDiscount": 3}, None),
        ({}, None),
    ],
)
def test_a_job_costs_its_main_action_and_its_fees(billing: dict[str, Any], total: str | None) -> None:
    assert wire.parse(wire.Billing, billing).total_cu == (None if total is None else Decimal(total))


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (wire.ModelAnswer, {}),
        (wire.ModelAnswer, {"model": {"name": "no id"}}),
        (wire.ModelsPage, {"models": {"0": {"id": "a"}}}),
        (wire.ModelsPage, {"models": None}),
        (wire.ModelsPage, {}),
        (wire.JobAnswer, {"job": {}}),
        (wire.JobAnswer, {"job": {"jobId": 7}}),
        (wire.JobsPage, {"jobs": "none"}),
        (wire.AssetsAnswer, {"assets": "seven"}),
        (wire.AssetAnswer, {"asset": []}),
        (wire.UploadAnswer, {"upload": None}),
        (wire.ErrorBody, "Bad Gateway"),
        (wire.ErrorBody, []),
    ],
)
def test_an_answer_without_what_cannot_be_done_without_makes_no_sense(kind: type[wire.Wire], data: Any) -> None:
    with pytest.raises(ProtocolError, match="could not be understood"):
        wire.parse(kind, data)


def test_the_sentence_names_the_place() -> None:
    with pytest.raises(ProtocolError, match=r"\(job\.jobId\)"):
        wire.parse(wire.JobAnswer, {"job": {}})


@pytest.mark.parametrize("kind", ANSWERS, ids=lambda kind: kind.__name__)
@QUICK
@given(data=st.data())
def test_any_json_is_read_or_refused_with_a_sentence(kind: type[wire.Wire], data: st.DataObject) -> None:
    names = [field.alias or name for name, field in kind.model_fields.items()]
    answer = data.draw(JSON | st.dictionaries(st.sampled_from(names), JSON))
    try:
        wire.parse(kind, answer)
    except ProtocolError as error:
        assert error.user_message


@QUICK
@given(fields=st.dictionaries(st.sampled_from([f.alias or n for n, f in wire.InputRecord.model_fields.items()]), JSON))
def test_an_input_with_a_name_and_a_type_is_always_read(fields: dict[str, Any]) -> None:
    assert wire.parse(wire.InputRecord, {**fields, "name": "x", "type": "y"}).name == "x"


@QUICK
@given(
    fields=st.dictionaries(st.sampled_from([f.alias or n for n, f in wire.ModelRecord.model_fields.items()]), JSON),
    entry=st.dictionaries(st.sampled_from([f.alias or n for n, f in wire.InputRecord.model_fields.items()]), JSON),
)
def test_a_record_written_to_the_cache_is_read_back_the_same(fields: dict[str, Any], entry: dict[str, Any]) -> None:
    inputs = [{**entry, "name": "x", "type": "number"}]
    record = wire.parse(wire.ModelRecord, {**fields, "id": "m", "inputs": inputs})
    written = json.dumps(record.model_dump(mode="json", by_alias=True, exclude_unset=True))
    again = wire.parse(wire.ModelRecord, json.loads(written))
    assert again == record
