# SPDX-License-Identifier: GPL-3.0-or-later
"""Which models there are: what the service says today wins over the cache, the cache over what is built in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.api.client import ScenarioClient
from scenario_addon.engine.api.http import Http
from scenario_addon.engine.errors import (
    AuthError,
    Forbidden,
    NetworkError,
    NotFound,
    ProtocolError,
    RateLimited,
    ScenarioError,
    ServerError,
    UnknownModel,
)
from scenario_addon.engine.models.catalogue import BUILTIN_IDS, DEFAULT_MODEL_ID, Catalogue
from scenario_addon.engine.models.model import Model
from scenario_addon.engine.settings import credentials_from_environment
from tests.engine.listed_models import Pages, client_with, listed
from tests.service import Fault, Service

MESHY = "model_meshy-7-img23d"
INPUT = {"name": "image", "type": "file", "required": {"always": True}}


def _ids(models: Any) -> list[str]:
    return [model.id for model in models]


def _names(model: Model) -> list[str]:
    return [parameter.name for parameter in model.parameters]


@pytest.fixture
def client(service: Service) -> Iterator[ScenarioClient]:
    """The stand-in, without any waiting between attempts."""
    credentials = credentials_from_environment(service.environment)
    assert credentials is not None
    opened = ScenarioClient(Http(credentials, user_agent="tests", sleep=lambda _: None))
    yield opened
    opened.close()


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(tmp_path, "scope")


# -- without anybody


def test_the_built_in_models_are_there_without_network_or_cache() -> None:
    offline = Catalogue(None, "scope")
    assert _ids(offline.models()) == list(BUILTIN_IDS)
    assert offline.models()[0].id == DEFAULT_MODEL_ID
    assert all(model.is_builtin and model.parameters for model in offline.models())
    assert offline.fetched_at is None


def test_opening_a_catalogue_writes_nothing(tmp_path: Path) -> None:
    Catalogue(tmp_path / "state", "scope").models()
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("model_id", "hint"),
    [
        ("model_hunyuan-3d-v2-2", " (did you mean model_hunyuan-3d-v2-1?)"),
        ("pixal", " (did you mean model_pixal3d?)"),
        ("model_zzz", ""),
        ("", None),
    ],
)
def test_an_unknown_model_brings_a_suggestion(model_id: str, hint: str | None) -> None:
    with pytest.raises(UnknownModel) as caught:
        Catalogue(None, "scope").known(model_id)
    if hint is not None:
        assert caught.value.user_message == f"There is no 3D model {model_id}{hint}: `models` lists them all."


# -- the list


def test_the_list_shows_what_makes_3d_models_the_built_in_ones_first(
    client: ScenarioClient, catalogue: Catalogue
) -> None:
    models = catalogue.refresh(client)
    assert _ids(models[:5]) == list(BUILTIN_IDS)
    others = models[5:]
    assert MESHY in _ids(others)
    assert [m.name.lower() for m in others] == sorted(m.name.lower() for m in others)
    assert all(model.is_3d for model in models)
    assert not any(model.makes_pictures for model in models)
    assert "model_meshy-img23d" not in _ids(models)  # deprecated
    assert catalogue.fetched_at is not None


def test_what_gives_pictures_is_a_list_of_its_own(client: ScenarioClient, catalogue: Catalogue) -> None:
    others = catalogue.refresh(client)
    assert _ids(catalogue.picture_models()) == [
        "model_clear-upscaler",
        "model_photoroom-background-removal",
        "model_picture-restyler",
        "model_sketch-from-words",
    ]
    assert all(model.makes_pictures and not model.is_3d for model in catalogue.picture_models())
    assert not {*_ids(others)} & {*_ids(catalogue.picture_models())}
    assert {*_ids(catalogue.generators()), *_ids(catalogue.refiners())} == {*_ids(others)}


def test_a_picture_model_that_the_service_recommends_another_for_is_not_offered(catalogue: Catalogue) -> None:
    old = listed("model_old", capabilities=["txt2img"], tags=["deprecated:model_new"])
    catalogue.refresh(client_with([old, listed("model_new", capabilities=["txt2img"])]))
    assert _ids(catalogue.picture_models()) == ["model_new"]


def test_a_model_known_from_the_list_alone_has_no_parameters_yet(client: ScenarioClient, catalogue: Catalogue) -> None:
    listed = {model.id: model for model in catalogue.refresh(client)}
    assert listed[MESHY].parameters == ()
    assert listed[MESHY].plan == "Pro"
    with pytest.raises(UnknownModel, match="What Meshy 7 Image to 3D takes is not known here yet: go online"):
        catalogue.known(MESHY)


def test_every_page_of_the_list_is_read(catalogue: Catalogue) -> None:
    http = Pages([listed("a")], [], [listed("b"), {"name": "no id"}], [listed("c")])
    assert _ids(catalogue.refresh(ScenarioClient(http)))[5:] == ["a", "b", "c"]
    assert len(http.asked) == 4


def test_the_list_of_today_replaces_that_of_yesterday(catalogue: Catalogue) -> None:
    catalogue.refresh(client_with([listed("a"), listed("b")]))
    assert _ids(catalogue.refresh(client_with([listed("b"), listed("c")])))[5:] == ["b", "c"]


def test_a_deprecated_model_is_hidden_but_a_built_in_one_stays(catalogue: Catalogue) -> None:
    tags = ["deprecated:model_new"]
    models = catalogue.refresh(
        client_with([listed("old", tags=tags), listed(DEFAULT_MODEL_ID, tags=tags), listed("new")])
    )
    assert _ids(models) == [*BUILTIN_IDS, "new"]
    assert models[0].successor == "model_new"
    assert models[0].caution == "the service recommends model_new instead"


def test_a_built_in_model_stays_when_the_service_lists_it_no_more(catalogue: Catalogue) -> None:
    assert _ids(catalogue.refresh(client_with([]))) == list(BUILTIN_IDS)


def test_the_list_gives_a_built_in_model_todays_name_and_plan_and_leaves_its_parameters(catalogue: Catalogue) -> None:
    before = catalogue.known(DEFAULT_MODEL_ID)
    today = listed(DEFAULT_MODEL_ID, name="Hunyuan 2.1 (new)", accessRestrictions=50, inputs=[], uiConfig={})
    after = catalogue.refresh(client_with([today]))[0]
    assert (after.name, after.plan, after.description) == ("Hunyuan 2.1 (new)", "Pro", before.description)
    assert after.parameters == before.parameters


@pytest.mark.parametrize("fault", [Fault.WRONG_TYPES, Fault.MISSING, Fault.GARBAGE, Fault.TRUNCATED, Fault.RESET])
def test_the_list_stays_as_it_was_when_fetching_it_fails(
    service: Service, client: ScenarioClient, catalogue: Catalogue, tmp_path: Path, fault: Fault
) -> None:
    before, fetched_at = _ids(catalogue.refresh(client)), catalogue.fetched_at
    service.fail("GET", "/models$", fault, times=None)
    with pytest.raises(ScenarioError):
        catalogue.refresh(client)
    assert (_ids(catalogue.models()), catalogue.fetched_at) == (before, fetched_at)
    assert _ids(Catalogue(tmp_path, "scope").models()) == before


def test_a_list_that_breaks_off_is_not_taken_for_the_whole(catalogue: Catalogue) -> None:
    catalogue.refresh(client_with([listed("a")], [listed("b")]))
    http = Pages([listed("c")], [])
    http.pages[1] = None  # type: ignore[call-overload]
    with pytest.raises(ProtocolError):
        catalogue.refresh(ScenarioClient(http))
    assert _ids(catalogue.models())[5:] == ["a", "b"]


# -- one model


def test_a_model_is_fetched_with_its_parameters(client: ScenarioClient, catalogue: Catalogue) -> None:
    model = catalogue.fetch(MESHY, client)
    image = model.parameter("image")
    assert image is not None
    assert (image.wire_type, image.max_length) == ("file_array", 4)
    assert catalogue.known(MESHY) == model


def test_the_live_record_wins_over_the_built_in_one(catalogue: Catalogue) -> None:
    live = listed(DEFAULT_MODEL_ID, inputs=[INPUT, {"name": "brandNew", "type": "number", "default": 1}])
    model = catalogue.fetch(DEFAULT_MODEL_ID, client_with(**{DEFAULT_MODEL_ID: live}))
    assert _names(model) == ["image", "brandNew"]
    assert _names(catalogue.known(DEFAULT_MODEL_ID)) == ["image", "brandNew"]
    assert model.is_builtin


def test_what_no_record_says_is_known_of_the_live_model_too(client: ScenarioClient, catalogue: Catalogue) -> None:
    model = catalogue.fetch("model_hunyuan-3d-pro-3-1-multiview", client)
    assert model.picture_limits.max_bytes == 8_000_000
    assert len(catalogue.fetch("model_yvo3d-image-to-3d", client).rules) > 5


@pytest.mark.parametrize(
    "error",
    [
        NetworkError("No route."),
        ServerError("Down.", status=503),
        RateLimited("Slow down.", status=429),
        ProtocolError("What?"),
    ],
)
def test_when_the_service_does_not_answer_what_is_known_has_to_do(catalogue: Catalogue, error: ScenarioError) -> None:
    client = client_with(**{DEFAULT_MODEL_ID: error, "model_other": error})
    assert catalogue.fetch(DEFAULT_MODEL_ID, client) == catalogue.known(DEFAULT_MODEL_ID)
    with pytest.raises(type(error)) as caught:
        catalogue.fetch("model_other", client)
    assert caught.value is error


def test_the_cached_record_wins_over_the_built_in_one_when_the_service_is_away(tmp_path: Path) -> None:
    live = listed(DEFAULT_MODEL_ID, inputs=[INPUT])
    Catalogue(tmp_path, "scope").fetch(DEFAULT_MODEL_ID, client_with(**{DEFAULT_MODEL_ID: live}))
    later = Catalogue(tmp_path, "scope")
    assert _names(later.fetch(DEFAULT_MODEL_ID, client_with(**{DEFAULT_MODEL_ID: NetworkError("No route.")}))) == [
        "image"
    ]


@pytest.mark.parametrize("error", [AuthError("Who?", status=401), Forbidden("Your plan is too low.", status=403)])
def test_a_refusal_is_not_papered_over(catalogue: Catalogue, error: ScenarioError) -> None:
    with pytest.raises(type(error)):
        catalogue.fetch(DEFAULT_MODEL_ID, client_with(**{DEFAULT_MODEL_ID: error}))


def test_a_model_that_the_service_does_not_have_is_unknown(client: ScenarioClient, catalogue: Catalogue) -> None:
    with pytest.raises(UnknownModel, match=r"did you mean model_pixal3d\?") as caught:
        catalogue.fetch("model_pixal4d", client)
    assert isinstance(caught.value.__cause__, NotFound)


@pytest.mark.parametrize("inputs", [None, [], "none", [{"type": "number"}]])
def test_a_record_without_parameters_does_not_replace_what_is_known(catalogue: Catalogue, inputs: Any) -> None:
    before = catalogue.known(DEFAULT_MODEL_ID)
    client = client_with(**{DEFAULT_MODEL_ID: listed(DEFAULT_MODEL_ID, inputs=inputs), "a": listed("a", inputs=inputs)})
    assert catalogue.fetch(DEFAULT_MODEL_ID, client) == before
    with pytest.raises(ProtocolError, match="did not say what a takes"):
        catalogue.fetch("a", client)


def test_a_later_list_brings_a_fetched_model_up_to_date(catalogue: Catalogue) -> None:
    catalogue.fetch("a", client_with(a=listed("a", name="Old", inputs=[INPUT])))
    models = catalogue.refresh(client_with([listed("a", name="New", tags=["deprecated:b"])]))
    assert "a" not in _ids(models)
    known = catalogue.known("a")
    assert (known.name, known.successor, _names(known)) == ("New", "b", ["image"])


def test_an_id_with_odd_letters_stays_one_part_of_the_address(client: ScenarioClient, catalogue: Catalogue) -> None:
    with pytest.raises(UnknownModel):
        catalogue.fetch("../jobs?x=größe #1", client)


def test_a_model_has_a_name_also_where_nothing_is_known_of_it() -> None:
    catalogue = Catalogue(None, "s")
    assert catalogue.name_of("model_hunyuan-3d-v2-1") == "Hunyuan 3D 2.1"
    assert catalogue.name_of("model_of-last-year") == "of-last-year"
