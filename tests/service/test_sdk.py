# SPDX-License-Identifier: GPL-3.0-or-later
"""The official SDK, validating strictly, finds in the stand-in the service it was written for."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from PIL import Image

from tests.service import Fault, Service

from .conftest import draw_picture
from .upload_calls import PART_MIN_BYTES

httpx = pytest.importorskip("httpx")
scenario_sdk = pytest.importorskip("scenario_sdk")

PIXAL = "model_pixal3d"
REMOVAL = "model_photoroom-background-removal"


@pytest.fixture
def sdk(service: Service) -> Iterator[Any]:
    with _client(service, strict=True) as client:
        yield client


def _client(service: Service, *, strict: bool) -> Any:
    return scenario_sdk.Scenario(
        api_key=service.key,
        api_secret=service.secret,
        base_url=service.base_url,
        _strict_response_validation=strict,
    )


def _upload(sdk: Any, picture: bytes) -> str:
    answer = sdk.assets.upload(name="chair.png", image=base64.b64encode(picture).decode())
    return str(answer.asset.id)


def _wait(sdk: Any, job_id: str) -> Any:
    for _ in range(10):
        job = sdk.jobs.retrieve(job_id).job
        if job.status in ("success", "failure"):
            return job
    raise AssertionError("the job never ends")


def test_the_catalogue_comes_in_pages_of_the_wanted_size(sdk: Any) -> None:
    pages = list(sdk.models.list(privacy="public", page_size=4).iter_pages())
    assert [len(page.models) for page in pages] == [4, 4, 4, 4, 4, 4]
    assert all(model.inputs is None for page in pages for model in page.models)


def test_without_asking_for_public_models_there_are_none(sdk: Any) -> None:
    assert list(sdk.models.list()) == []


def test_every_model_but_the_odd_one_is_retrieved_with_its_inputs(sdk: Any) -> None:
    ids = [model.id for model in sdk.models.list(privacy="public") if model.id != "model_segment-objects-to-3d"]
    assert all(sdk.models.retrieve(model_id).model.inputs for model_id in ids)


def test_the_model_with_an_unknown_input_type_needs_a_lenient_reader(service: Service, sdk: Any) -> None:
    with pytest.raises(scenario_sdk.APIResponseValidationError):
        sdk.models.retrieve("model_segment-objects-to-3d")
    with _client(service, strict=False) as lenient:
        assert lenient.models.retrieve("model_segment-objects-to-3d").model.inputs


def test_what_helps_to_choose_a_model_is_typed_right(sdk: Any) -> None:
    model = sdk.models.retrieve("model_yvo3d-image-to-3d").model
    (figures,) = model.performance_stats.variants
    assert (figures.cost_per_asset_p50_cu, figures.total_latency_p75_sec) == (48, 130)
    assert model.access_restrictions == 25 and model.thumbnail.url
    assert sdk.teams.list().teams[0].plan == "cu-pro"


def test_summaries_teams_and_limits_are_typed_right(sdk: Any) -> None:
    assert [m.id for m in sdk.models.get_bulk(model_ids=[PIXAL, "model_none"]).models] == [PIXAL]
    team = sdk.teams.list().teams[0]
    assert sdk.teams.retrieve_limits(team.id).limits.parallel_custom_jobs > 0


def test_what_is_used_of_the_plan_and_what_was_bought_beside_it_are_typed_right(
    service: Service, sdk: Any, chair: bytes
) -> None:
    service.team.bought, service.team.has_other_team = [(Decimal("40.5"), "2099-01-31T12:00:00.000Z")], True
    _, team = sdk.teams.list().teams
    assert (team.name, team.context.user_role, team.projects[0].name) == ("Sandbox", "key", "Sandbox Project")
    before = sdk.teams.retrieve_limits(team.id)
    assert (before.limits.creative_units, before.values.creative_units) == (15000, 1)
    assert [(bought.amount, bought.remaining) for bought in before.one_shot_creative_units] == [(40.5, 40.5)]
    assert before.period.start < before.period.end
    service.fail_job()
    for _ in range(2):
        _wait(sdk, sdk.generate.run_model(PIXAL, body={"image": _upload(sdk, chair)}).job.job_id)
    failed, made = service.charges
    assert made.cost_cu == failed.cost_cu, "which is paid back"
    assert sdk.teams.retrieve_limits(team.id).values.creative_units == 1 + made.cost_cu


def test_more_jobs_than_the_team_may_have_are_refused_until_one_ends(chair: bytes) -> None:
    with Service(job_polls=1, parallel_jobs=1) as service, _client(service, strict=True) as sdk:
        team = sdk.teams.list().teams[0]
        assert sdk.teams.retrieve_limits(team.id).limits.parallel_custom_jobs == 1
        image = _upload(sdk, chair)
        first = sdk.generate.run_model(PIXAL, body={"image": image})
        once = sdk.with_options(max_retries=0)
        with pytest.raises(scenario_sdk.RateLimitError) as refused:
            once.generate.run_model(PIXAL, body={"image": image})
        assert refused.value.body["details"] == {"actionName": "custom-generation", "actionLimit": 1}
        _wait(sdk, first.job.job_id)
        assert once.generate.run_model(PIXAL, body={"image": image}).job.job_id
        assert len(service.charges) == 2


def test_recommendations_leave_deprecated_models_out(sdk: Any) -> None:
    ids = {model.id for model in sdk.recommendations.list_models(capabilities="img23d")}
    assert PIXAL in ids
    assert not ids & {"model_meshy-img23d", "model_meshy-7-txt23d"}


def test_a_picture_becomes_a_mesh(service: Service, sdk: Any, chair: bytes) -> None:
    body = {"image": _upload(sdk, chair), "decimationTarget": 5000, "resolution": 1024}
    run = sdk.generate.run_model(PIXAL, body=body)
    job = _wait(sdk, run.job.job_id)
    assert job.status == "success"
    assert run.creative_units_cost == job.billing.cu_cost == service.charges[0].cost_cu == Decimal("30")
    asset = sdk.assets.retrieve(job.metadata.asset_ids[0]).asset
    assert (asset.mime_type, asset.kind) == ("model/gltf-binary", "3d")
    assert [a.id for a in sdk.assets.get_bulk(asset_ids=job.metadata.asset_ids).assets] == [asset.id]
    assert sdk.assets.download.request(asset.id, target_format="glb").mime_type == asset.mime_type
    assert httpx.get(asset.url).content == service.result_bytes(run.job.job_id)


def _send_up(sdk: Any, data: bytes, name: str, kind: str = "3d") -> Any:
    upload = sdk.uploads.create(
        file_name=name, content_type="model/gltf-binary", kind=kind, parts=1, file_size=len(data)
    ).upload
    assert httpx.put(upload.parts[0].url, content=data).status_code == 200
    sdk.uploads.trigger_action(upload.id, action="complete")
    return [sdk.uploads.retrieve(upload.id).upload for _ in range(4)][-1]


def _refine(sdk: Any, model_id: str, **body: Any) -> Any:
    job = _wait(sdk, sdk.generate.run_model(model_id, body=body).job.job_id)
    assert job.status == "success"
    return sdk.assets.retrieve(job.metadata.asset_ids[0]).asset


def test_a_mesh_that_is_uploaded_or_was_made_before_becomes_another_mesh(sdk: Any, chair: bytes) -> None:
    made = sdk.generate.run_model(PIXAL, body={"image": _upload(sdk, chair), "decimationTarget": 5000})
    mesh_id = _wait(sdk, made.job.job_id).metadata.asset_ids[0]
    mine = _send_up(sdk, httpx.get(sdk.assets.retrieve(mesh_id).asset.url).content, "chair.glb").entity_id
    uploaded = sdk.assets.retrieve(mine).asset
    assert (uploaded.kind, uploaded.source, uploaded.metadata.type) == ("3d", "uploaded-3d", "uploaded-3d")
    assert uploaded.properties.face_count == sdk.assets.retrieve(mesh_id).asset.properties.face_count
    for asset_id in (mesh_id, mine):
        fewer = _refine(sdk, "model_meshy-remesh", model=asset_id, targetPolycount=1000)
        assert (fewer.source, fewer.metadata.type, fewer.metadata.parent_id) == ("3d23d", "3d23d", asset_id)
        assert fewer.properties.face_count == pytest.approx(1000, rel=0.1)


def test_every_model_that_changes_meshes_is_retrieved_and_gives_a_mesh(sdk: Any, chair: bytes) -> None:
    made = sdk.generate.run_model(PIXAL, body={"image": (image := _upload(sdk, chair)), "decimationTarget": 5000})
    mesh_id = _wait(sdk, made.job.job_id).metadata.asset_ids[0]
    obj = _refine(sdk, "model_meshy-remesh", model=mesh_id, targetPolycount=1000, topology="quad")
    assert obj.mime_type == "model/obj"
    ids = [model.id for model in sdk.models.list(privacy="public") if model.capabilities == ["3d23d"]]
    assert len(ids) == 6
    rigged = _refine(sdk, "model_tripo-rigging-v1", model=mesh_id)
    assert (rigged.properties.has_skeleton, rigged.properties.bone_count) == (True, 4)
    for model_id in ids:
        inputs = {i.name: i for i in sdk.models.retrieve(model_id).model.inputs}
        (mesh,) = (name for name, entry in inputs.items() if entry.kind == "3d")
        asset_id = obj.id if "OBJ or FBX only" in inputs[mesh].description else mesh_id
        body = {mesh: asset_id, **({"image": image} if "image" in inputs else {})}
        assert _refine(sdk, model_id, **body).kind == "3d"


def test_a_mesh_that_a_model_does_not_take_is_refused_before_it_costs(service: Service, sdk: Any, chair: bytes) -> None:
    image = _upload(sdk, chair)
    large = sdk.generate.run_model(PIXAL, body={"image": image, "decimationTarget": 60_000})
    many = _wait(sdk, large.job.job_id).metadata.asset_ids[0]
    for body, reason in (
        ({"model": "asset_unknown"}, "not found"),
        ({"model": image}, "kind 3d"),
        ({"model": many}, "more than 44000 faces"),
        ({}, "is required"),
    ):
        with pytest.raises(scenario_sdk.BadRequestError, match=reason):
            sdk.generate.run_model("model_meshy-uv-unwrap", body=body)
    with pytest.raises(scenario_sdk.BadRequestError, match="format"):
        sdk.generate.run_model("model_tencent-smarttopology", body={"file3d": many})
    assert len(service.charges) == 1


def test_what_is_no_mesh_is_not_taken_in_as_one(sdk: Any, chair: bytes) -> None:
    upload = _send_up(sdk, chair, "chair.glb")
    assert (upload.status, upload.error_message) == ("failed", "Unhandled 3D format")


def test_a_background_is_removed_for_a_charge_and_the_picture_becomes_a_mesh(service: Service, sdk: Any) -> None:
    image = _upload(sdk, draw_picture((400, 320), ellipse=(20, 20, 380, 300), ground=(230, 230, 225)))
    body = {"image": image, "hdBackgroundRemoval": False, "shadowMode": ""}
    run = sdk.generate.run_model(REMOVAL, body=body)
    job = _wait(sdk, run.job.job_id)
    assert job.status == "success"
    assert run.creative_units_cost == job.billing.cu_cost == service.charges[0].cost_cu == Decimal("1.5")
    asset = sdk.assets.retrieve(job.metadata.asset_ids[0]).asset
    assert (asset.mime_type, asset.kind, asset.metadata.type) == ("image/png", "image", "background-removal")
    assert asset.metadata.parent_id == image
    with Image.open(io.BytesIO(httpx.get(asset.url).content)) as picture:
        assert (picture.mode, picture.size) == ("RGBA", (400, 320))
        assert [picture.getpixel(place)[3] for place in ((2, 2), (397, 317), (200, 160))] == [0, 0, 255]
    mesh = sdk.generate.run_model(PIXAL, body={"image": asset.id, "decimationTarget": 5000})
    assert _wait(sdk, mesh.job.job_id).status == "success"


def _picture_of(sdk: Any, asset_id: str) -> Image.Image:
    with Image.open(io.BytesIO(httpx.get(sdk.assets.retrieve(asset_id).asset.url).content)) as picture:
        return picture.convert("RGB")


def test_words_become_pictures_of_their_own_and_the_same_seed_the_same_again(sdk: Any) -> None:
    def drawn(words: str, **body: Any) -> list[Image.Image]:
        run = sdk.generate.run_model("model_sketch-from-words", body={"prompt": words, **body})
        assert run.creative_units_cost == 5 * body.get("numOutputs", 1)
        job = _wait(sdk, run.job.job_id)
        assets = [sdk.assets.retrieve(asset_id).asset for asset_id in job.metadata.asset_ids]
        assert {(asset.kind, asset.mime_type, asset.metadata.type) for asset in assets} == {
            ("image", "image/png", "txt2img")
        }
        return [_picture_of(sdk, asset_id) for asset_id in job.metadata.asset_ids]

    first, second, third, fourth = drawn("an owl", seed=7, numOutputs=4)
    assert drawn("an owl", seed=8)[0].tobytes() == second.tobytes()
    assert len({picture.tobytes() for picture in (first, second, third, fourth, *drawn("a chair", seed=7))}) == 5


def test_a_picture_gets_twice_the_pixels_on_each_side_and_shows_the_same(sdk: Any, chair: bytes) -> None:
    for factor, cost_cu in ((2, 3), (4, 6)):
        body = {"image": _upload(sdk, chair), "scalingFactor": factor}
        run = sdk.generate.run_model("model_clear-upscaler", body=body)
        assert run.creative_units_cost == cost_cu
        large = _picture_of(sdk, _wait(sdk, run.job.job_id).metadata.asset_ids[0])
        with Image.open(io.BytesIO(chair)) as small:
            assert large.size == (factor * small.width, factor * small.height)
            middle = (small.width // 2, small.height // 2)
            seen = large.getpixel((middle[0] * factor, middle[1] * factor))
            meant = small.convert("RGB").getpixel(middle)
        assert max(abs(one - other) for one, other in zip(seen, meant, strict=True)) < 8


def test_a_picture_that_is_nothing_but_ground_cannot_be_cut_out(sdk: Any) -> None:
    blank = _upload(sdk, draw_picture((40, 40), ellipse=None, colour=(230, 230, 225, 255)))
    job = _wait(sdk, sdk.generate.run_model(REMOVAL, body={"image": blank}).job.job_id)
    assert (job.status, job.metadata.error) == ("failure", "The provider found no subject in this image.")


def test_a_shadow_that_nobody_knows_is_refused(sdk: Any, chair: bytes) -> None:
    with pytest.raises(scenario_sdk.BadRequestError, match="shadowMode"):
        sdk.generate.run_model(REMOVAL, body={"image": _upload(sdk, chair), "shadowMode": "long"})


def test_a_dry_run_has_the_price_of_the_run_and_costs_nothing(service: Service, chair: bytes) -> None:
    # The strict types want a whole job in the answer; the recorded dry run has an empty one.
    with _client(service, strict=False) as sdk:
        body = {"image": "asset_placeholder", "steps": 33}
        quote = sdk.generate.run_model("model_hunyuan-3d-v2-1", body=body, dry_run="true")
        assert quote.creative_units_cost == 10.65
        assert service.charges == []
        paid = sdk.generate.run_model("model_hunyuan-3d-v2-1", body=body | {"image": _upload(sdk, chair)})
        assert paid.creative_units_cost == quote.creative_units_cost
        assert service.charges[0].cost_cu == Decimal("10.65")


def test_a_dry_run_asked_for_in_the_body_is_paid(service: Service, sdk: Any, chair: bytes) -> None:
    sdk.generate.run_model(PIXAL, body={"image": _upload(sdk, chair), "dryRun": True})
    assert len(service.charges) == 1


def test_the_sdk_pays_three_times_for_one_lost_answer(service: Service, chair: bytes) -> None:
    service.fail("POST", r"/generate/custom/", Fault.LOST_ANSWER, times=3)
    with _client(service, strict=True) as sdk, pytest.MonkeyPatch.context() as patch:
        patch.setattr("scenario_sdk._base_client.time.sleep", lambda seconds: None)
        image = _upload(sdk, chair)
        with pytest.raises(scenario_sdk.APIConnectionError):
            sdk.generate.run_model(PIXAL, body={"image": image})
    assert len(service.charges) == 3
    assert len(service.jobs) == 3


def test_a_large_picture_goes_up_in_parts(service: Service, sdk: Any, chair: bytes) -> None:
    # Bytes behind the end of a PNG do not harm it, and make it as large as needed.
    data = chair + bytes(PART_MIN_BYTES)
    upload = sdk.uploads.create(
        file_name="big.png", content_type="image/png", kind="image", parts=2, file_size=len(data)
    ).upload
    for part, chunk in zip(upload.parts, (data[:PART_MIN_BYTES], data[PART_MIN_BYTES:]), strict=True):
        assert httpx.put(part.url, content=chunk).status_code == 200
    assert sdk.uploads.trigger_action(upload.id, action="complete").upload.status == "validating"
    seen = [sdk.uploads.retrieve(upload.id).upload.status for _ in range(3)]
    assert seen == ["validating", "validated", "imported"]
    asset_id = sdk.uploads.retrieve(upload.id).upload.entity_id
    assert service.assets[asset_id]["properties"]["size"] == len(data)
    assert sdk.jobs.retrieve(upload.job_id).job.metadata.output["entityId"] == asset_id


def test_jobs_are_listed_by_kind_newest_first(sdk: Any, chair: bytes) -> None:
    image = _upload(sdk, chair)
    ids = [sdk.generate.run_model(PIXAL, body={"image": image}).job.job_id for _ in range(3)]
    assert {job.job_id for job in sdk.jobs.list(types=["custom"], page_size=2)} == set(ids)
    assert list(sdk.jobs.list(types=["upload"])) == []
    with pytest.raises(scenario_sdk.BadRequestError):
        sdk.jobs.list(types=["custom"], created_after="2026-01-01T00:00:00Z")


def test_meshes_are_listed_newest_first_in_pages_with_their_thumbnails(sdk: Any, chair: bytes) -> None:
    image = _upload(sdk, chair)
    jobs = [sdk.generate.run_model(PIXAL, body={"image": image, "decimationTarget": 5000}).job for _ in range(3)]
    ids = [_wait(sdk, job.job_id).metadata.asset_ids[0] for job in jobs]
    types = ["img23d", "3d23d", "txt23d"]
    pages = list(sdk.assets.list(types=types, sort_by="createdAt", page_size=2).iter_pages())
    assert [[asset.id for asset in page.assets] for page in pages] == [ids[:0:-1], ids[:1]]
    newest = pages[0].assets[0]
    assert (newest.metadata.parent_job_id, newest.metadata.api_model_id) == (jobs[-1].job_id, PIXAL)
    assert httpx.get(newest.thumbnail.url).content.startswith(b"\x89PNG")
    oldest_first = sdk.assets.list(types=types, sort_by="createdAt", sort_direction="asc")
    assert [asset.id for asset in oldest_first] == ids
    assert [asset.id for asset in sdk.assets.list(types=["uploaded"])] == [image]
    mine = sdk.assets.list(types=types, project_id=newest.owner_id)
    assert [asset.id for asset in mine] == ids[::-1]


def test_another_project_is_not_listed(sdk: Any) -> None:
    for things in (sdk.assets, sdk.jobs):
        with pytest.raises(scenario_sdk.PermissionDeniedError, match="access to project"):
            list(things.list(project_id="proj_other", types=["custom" if things is sdk.jobs else "img23d"]))


def test_a_run_cannot_be_cancelled(sdk: Any, chair: bytes) -> None:
    job_id = sdk.generate.run_model(PIXAL, body={"image": _upload(sdk, chair)}).job.job_id
    with pytest.raises(scenario_sdk.BadRequestError, match="Cannot cancel this type of job"):
        sdk.jobs.trigger_action(job_id, action="cancel")


def test_a_failed_job_says_why(service: Service, sdk: Any, chair: bytes) -> None:
    service.fail_job("Too dark", "Use a brighter picture", disable_refund=True)
    job = _wait(sdk, sdk.generate.run_model(PIXAL, body={"image": _upload(sdk, chair)}).job.job_id)
    assert (job.status, job.metadata.error, job.metadata.hint) == (
        "failure",
        "Too dark",
        "Use a brighter picture",
    )
    assert job.billing.disable_refund is True


def test_fees_are_billed_beside_the_main_action_and_paid_back_when_it_fails(chair: bytes) -> None:
    with Service(fees={"quality-gate": Decimal("1.25")}) as service, _client(service, strict=True) as sdk:
        body = {"image": _upload(sdk, chair), "decimationTarget": 5000, "resolution": 1024}
        run = sdk.generate.run_model(PIXAL, body=body)
        assert run.creative_units_cost == service.charges[0].cost_cu == Decimal("31.25")
        billing = _wait(sdk, run.job.job_id).billing
        assert (billing.cu_cost, billing.cu_cost_details.quality_gate) == (30, 1.25)
        service.fail_job("Too dark")
        billing = _wait(sdk, sdk.generate.run_model(PIXAL, body=body).job.job_id).billing
        assert (billing.cu_cost, billing.cu_cost_details.quality_gate) == (30, 0)


@pytest.mark.parametrize("call", ["jobs", "assets", "models", "uploads"])
def test_an_unknown_id_is_not_found(sdk: Any, call: str) -> None:
    with pytest.raises(scenario_sdk.NotFoundError):
        getattr(sdk, call).retrieve("nothing_here")


def test_models_have_presets(sdk: Any) -> None:
    for model_id in ("model_hunyuan-3d-v2-1", "model_meshy-7-img23d"):
        (family,) = sdk.models.retrieve(model_id).model.ui_config.presets
        assert family.fields and len(family.presets) == 2
