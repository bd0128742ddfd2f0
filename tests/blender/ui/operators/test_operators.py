# SPDX-License-Identifier: GPL-3.0-or-later
"""``bpy.ops.scenario.*`` as a script calls them: they block until it is done, and fail with a reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy
import pytest
from PIL import Image

from scenario_addon.blender.app.session import session
from scenario_addon.blender.host import BlenderHost
from scenario_addon.engine import cli
from scenario_addon.engine.ledger.job import State
from scenario_addon.engine.pipeline import steps
from tests.blender.live import FAST_VALUES, Live, preferences
from tests.service import Fault


def triangles() -> int:
    meshes = [obj.data for obj in bpy.context.scene.objects if obj.type == "MESH"]
    return sum(len(mesh.loops) - 2 * len(mesh.polygons) for mesh in meshes)


def body_of_submission(live: Live, number: int = 0) -> dict[str, object]:
    paid = [r for r in live.service.requests if "/generate/" in r.path and "dryRun" not in r.query]
    return paid[number].json()


def test_generate_blocks_until_the_mesh_is_in_the_scene(live: Live) -> None:
    job = live.generate()
    assert job.state is State.IMPORTED
    assert [obj["scenario_job_id"] for obj in bpy.context.scene.objects] == [job.id]
    assert [charge.job_id for charge in live.service.charges] == [job.remote_id]
    assert triangles() == job.file.triangles


def test_a_folder_that_cannot_be_is_refused_before_anything_is_sent(live: Live) -> None:
    live.ready_to_generate()
    for output, told in (("//meshes", "save it first"), ("//nas/props", r"type \\\\nas\\props for a folder")):
        with pytest.raises(RuntimeError, match=f"{output} is beside the .blend, which is not saved yet.*{told}"):
            bpy.ops.scenario.generate(output=output)
    assert (live.jobs, live.service.charges, live.service.count("POST", "assets|uploads")) == ([], [], 0)


def test_generate_makes_the_same_as_the_command_line(live: Live, tmp_path: Path) -> None:
    live.image()
    picture = tmp_path / "chair.png"
    bpy.data.images["Chair"].save(filepath=str(picture))
    live.choose("model_hunyuan-3d-v2-1")
    live.settings.source, live.settings.filepath = "FILE", str(picture)
    bpy.ops.scenario.generate()

    settings = [part for name, value in FAST_VALUES.items() for part in ("--set", f"{name}={json.dumps(value)}")]
    live.say(SCENARIO_STATE_DIR=str(tmp_path / "other"))
    arguments = ["generate", str(picture), "--output", str(tmp_path / "out"), *settings]
    assert cli.main(arguments, host=BlenderHost()) == 0

    ours, theirs = body_of_submission(live, 0), body_of_submission(live, 1)
    assert {**ours, "image": ""} == {**theirs, "image": ""}
    assert (tmp_path / "out" / "chair.glb").read_bytes() == live.job.file.path.read_bytes()
    assert triangles() == live.job.file.triangles


@pytest.mark.parametrize(
    ("mode", "colour"), [("RGB", "red"), ("RGBA", "#ff000000")], ids=["one colour", "nothing but transparency"]
)
def test_the_command_line_in_blender_sends_no_picture_of_nothing_in_any_format(
    live: Live, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, mode: str, colour: str
) -> None:
    picture = tmp_path / "chair.img"
    Image.new(mode, (160, 120), colour).save(picture, "JPEG" if mode == "RGB" else "WEBP", lossless=True, exact=True)
    assert cli.main(["generate", str(picture), "--output", str(tmp_path)], host=BlenderHost()) == 2
    assert "choose a picture that shows something" in capsys.readouterr().err
    assert not live.service.charges and not live.service.count("POST", "/assets")


def test_the_command_line_in_blender_sends_what_blender_shows(live: Live, tmp_path: Path) -> None:
    picture = tmp_path / "chair.jpg"
    drawn = Image.radial_gradient("L").convert("RGB")
    drawn.save(picture, quality=95, icc_profile=b"a profile that nobody has told Blender of" * 4)
    arguments = ["generate", str(picture), "--output", str(tmp_path / "out")]
    assert cli.main(arguments, host=BlenderHost()) == 0
    sent = live.service.asset_bytes(body_of_submission(live, 0)["image"])
    assert sent.startswith(b"\xff\xd8") and b"a profile" not in sent


def test_two_calls_in_a_row_make_two_meshes_for_two_charges(live: Live) -> None:
    live.generate()
    bpy.ops.scenario.generate()
    assert [job.state for job in live.jobs] == [State.IMPORTED] * 2
    assert len(live.service.charges) == 2
    assert len({obj["scenario_job_id"] for obj in bpy.context.scene.objects}) == 2


def test_a_failed_job_raises_the_reason_and_the_hint_of_the_service(live: Live) -> None:
    live.service.fail_job("The subject is too thin.", "Use a thicker chair.")
    live.ready_to_generate()
    with pytest.raises(RuntimeError, match=r"The subject is too thin\. Use a thicker chair\."):
        bpy.ops.scenario.generate()
    assert live.job.state is State.FAILED
    assert not bpy.context.scene.objects


def test_above_the_limit_nothing_is_submitted(live: Live) -> None:
    preferences().max_cost = 0.5
    live.ready_to_generate()
    with pytest.raises(RuntimeError, match=r"at most 0\.5 CU may be spent"):
        bpy.ops.scenario.generate()
    assert live.service.charges == []
    assert live.job.is_held


def test_the_command_line_has_no_limit_but_its_own(live: Live, tmp_path: Path) -> None:
    preferences().max_cost = 0.5
    live.image().save(filepath=str(tmp_path / "chair.png"))
    settings = [part for name, value in FAST_VALUES.items() for part in ("--set", f"{name}={json.dumps(value)}")]
    arguments = ["generate", str(tmp_path / "chair.png"), "--output", str(tmp_path), *settings]
    assert cli.main([*arguments, "--max-cost", "0.5"], host=BlenderHost()) == 4
    assert cli.main([*arguments], host=BlenderHost()) == 0
    assert len(live.service.charges) == 1


def test_after_a_confirmation_the_shown_price_is_the_limit(live: Live) -> None:
    preferences().max_cost = 0.5
    job = live.begin()
    live.pump_until_state(State.IMPORTED, job)
    assert len(live.service.charges) == 1


def test_a_lost_answer_is_looked_for_and_charged_once(live: Live) -> None:
    live.lose_the_answer()
    live.generate()
    assert live.job.state is State.IMPORTED
    assert len(live.service.charges) == 1


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({}, "Choose an image"),
        ({"image": "Nobody"}, "There is no image Nobody"),
        ({"filepath": "/nowhere/chair.png"}, "chair.png"),
    ],
)
def test_without_a_usable_picture_nothing_is_sent(live: Live, arguments: dict[str, str], problem: str) -> None:
    with pytest.raises(RuntimeError, match=problem):
        bpy.ops.scenario.generate(**arguments)
    assert live.jobs == []
    assert {request.method for request in live.service.requests} <= {"GET"}


def test_a_picture_can_be_given_to_the_call(live: Live, tmp_path: Path) -> None:
    live.ready_to_generate()
    live.settings.image.save(filepath=str(tmp_path / "Lamp.png"))
    live.settings.image = None
    bpy.ops.scenario.generate(filepath=str(tmp_path / "Lamp.png"))
    bpy.ops.scenario.generate(image="Chair")
    assert [job.order.name for job in live.jobs] == ["Lamp", "Chair"]


def test_a_model_that_was_never_heard_of_here_is_asked_for_first(live: Live) -> None:
    live.image(size_px=256)
    live.settings.model = "model_tripo-v3-1-image-to-3d"
    bpy.ops.scenario.generate()
    assert live.service.charges[0].model_id == "model_tripo-v3-1-image-to-3d"


def test_settings_of_another_version_are_brought_into_step_before_a_script_orders(live: Live) -> None:
    live.ready_to_generate()
    stored = live.settings.models["model_hunyuan-3d-v2-1"]
    stored["#schema"] = "old"
    del stored["steps"]
    stored["steps"] = "many"
    bpy.ops.scenario.generate()
    assert stored["steps"] == 30
    assert "steps" not in body_of_submission(live)


def test_a_model_that_does_not_exist_is_named(live: Live) -> None:
    live.image()
    live.settings.model = "model_of-nothing"
    with pytest.raises(RuntimeError, match="model_of-nothing"):
        bpy.ops.scenario.generate()
    assert live.jobs == []


def test_without_a_key_a_script_is_told_so(keyless: Live) -> None:
    keyless.image()
    with pytest.raises(RuntimeError, match="Enter your Scenario API key"):
        bpy.ops.scenario.generate()
    assert keyless.service.requests == []


def test_a_service_that_stays_silent_ends_the_call_and_not_the_job(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "back_off_s", lambda job, asked_s: 0.0)
    live.ready_to_generate()
    live.service.fail("POST", r"/assets", Fault.STATUS, times=None, status=503)
    with pytest.raises(RuntimeError, match="Internal server error"):
        bpy.ops.scenario.generate()
    assert not live.job.is_settled


def test_a_model_can_be_chosen_and_its_parameters_reset(live: Live) -> None:
    session.load_now()
    bpy.ops.scenario.choose_model(model="model_pixal3d")
    assert live.settings.model == "model_pixal3d"
    stored = live.settings.models["model_pixal3d"]
    before = dict(stored)
    live.choose("model_pixal3d", {"decimationTarget": 5000})
    assert dict(stored) != before
    bpy.ops.scenario.reset_parameters()
    assert dict(stored) == before


def test_the_list_of_models_is_fetched_when_asked_for(live: Live) -> None:
    session.load_now()
    offered = {model.id for model in session.models.offered()}
    assert "model_tripo-v3-1-image-to-3d" not in offered
    bpy.ops.scenario.refresh_models()
    assert "model_tripo-v3-1-image-to-3d" in {model.id for model in session.models.offered()}


def test_a_list_that_cannot_be_fetched_says_why(live: Live) -> None:
    live.service.fail("GET", r"/models$", Fault.STATUS, times=None, status=403, body={"reason": "Not for you"})
    with pytest.raises(RuntimeError, match="Not for you"):
        bpy.ops.scenario.refresh_models()


@pytest.mark.parametrize("status", [200, 401])
def test_the_connection_is_tested_with_the_key(live: Live, status: int) -> None:
    if status == 200:
        assert bpy.ops.scenario.test_connection() == {"FINISHED"}
        return
    live.service.fail("GET", r"/models", Fault.STATUS, times=None, status=401, body={"reason": "Bad key"})
    with pytest.raises(RuntimeError, match=r"(?i)key"):
        bpy.ops.scenario.test_connection()
    assert session.test_result is not None
    assert not session.test_result[0]


def test_slots_for_pictures_come_and_go(live: Live) -> None:
    bpy.ops.scenario.add_picture(view="left")
    bpy.ops.scenario.add_picture(view="back")
    bpy.ops.scenario.remove_picture(index=0)
    assert [entry.name for entry in live.settings.views] == ["back"]


def test_a_dropped_file_becomes_the_source_and_nothing_is_ordered(live: Live, tmp_path: Path) -> None:
    live.ready_to_generate()
    live.settings.image.save(filepath=str(tmp_path / "Lamp.png"))
    assert bpy.ops.scenario.use_file(filepath=str(tmp_path / "Lamp.png")) == {"FINISHED"}
    assert (live.settings.source, live.settings.filepath) == ("FILE", str(tmp_path / "Lamp.png"))
    assert live.jobs == []
    bpy.ops.scenario.generate()
    assert live.job.order.name == "Lamp"


@pytest.mark.parametrize("source", ["IMAGE", "RENDER"])
def test_the_image_that_is_shown_becomes_the_source_and_nothing_is_ordered(live: Live, source: str) -> None:
    live.ready_to_generate()
    shown = live.settings.image if source == "IMAGE" else rendered(bpy.context.scene)
    live.settings.source, live.settings.image = "VIEWPORT", None
    with editing(shown):
        assert bpy.ops.scenario.use_image() == {"FINISHED"}
    assert live.settings.source == source
    assert live.settings.image == (shown if source == "IMAGE" else None)
    assert live.jobs == []


def test_without_an_image_there_is_none_to_take(live: Live) -> None:
    session.load_now()
    with editing(None):
        assert not bpy.ops.scenario.use_image.poll()
    assert not bpy.ops.scenario.use_image.poll()


def rendered(scene: bpy.types.Scene) -> bpy.types.Image:
    """A tiny render of nothing."""
    scene.render.engine, scene.cycles.samples, scene.cycles.device = "CYCLES", 1, "CPU"
    scene.render.resolution_x = scene.render.resolution_y = 8
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    bpy.ops.render.render()
    return next(image for image in bpy.data.images if image.type == "RENDER_RESULT")


@contextmanager
def editing(image: bpy.types.Image | None) -> Iterator[None]:
    """In an Image Editor that shows it."""
    area = bpy.context.window.screen.areas[0]
    before, area.type = area.type, "IMAGE_EDITOR"
    area.spaces.active.image = image
    try:
        with bpy.context.temp_override(area=area, region=area.regions[-1], space_data=area.spaces.active):
            yield
    finally:
        area.type = before


def test_what_the_day_allows_is_not_exceeded(live: Live) -> None:
    live.say(SCENARIO_MAX_COST_PER_DAY="0.5")
    session.reconnect()
    live.ready_to_generate()
    with pytest.raises(RuntimeError, match=r"0\.5"):
        bpy.ops.scenario.generate()
    assert live.service.charges == []
