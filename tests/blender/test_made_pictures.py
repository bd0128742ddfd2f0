# SPDX-License-Identifier: GPL-3.0-or-later
"""``bpy.ops.scenario.make_picture``: a model's picture is an image of this file, chosen as the source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.delivery import conversions, waiting
from scenario_addon.blender.delivery.pictured import earlier_words, picture_of
from scenario_addon.blender.request.making.reading import prices_told, read_making
from scenario_addon.engine.ledger.job import Job, State
from tests.blender.live import Live
from tests.engine.picture_jobs import REMOVAL, RESTYLE, UNUSABLE, UPSCALE, WORDS

OPS: Any = bpy.ops


def made(live: Live, model: str = UPSCALE, **more: Any) -> Job:
    """A picture, made by a script."""
    assert OPS.scenario.make_picture(model=model, **more) == {"FINISHED"}
    job = live.jobs[-1]
    assert (job.state, job.error) == (State.IMPORTED, None)
    return job


def pixels(image: bpy.types.Image) -> list[float]:
    return [round(value, 3) for value in list(image.pixels)[::1001]]


@pytest.mark.parametrize("model", [UPSCALE, RESTYLE])
def test_what_is_made_of_an_image_is_the_source_and_the_earlier_one_is_a_click_away(live: Live, model: str) -> None:
    chair = live.image()
    job = made(live, model)
    image = live.settings.image
    assert image == picture_of(job) != chair
    assert image["scenario_job_id"] == job.id and image["scenario_model"] == model
    assert tuple(image.size) == ((128, 128) if model == UPSCALE else (64, 64))
    assert earlier_words(bpy.context.scene) == "Chair"
    assert OPS.scenario.picture_back() == {"FINISHED"}
    assert (live.settings.source, live.settings.image) == ("IMAGE", chair)
    assert earlier_words(bpy.context.scene) == image.name
    OPS.scenario.picture_back()
    assert live.settings.image == image
    assert len(live.service.charges) == 1


def test_words_become_a_picture_and_the_picture_a_mesh(live: Live) -> None:
    job = made(live, WORDS, prompt="an owl")
    assert live.settings.source == "IMAGE"
    assert live.settings.image.name == "an owl"
    assert live.settings.prompt == live.settings.making.prompt == ""
    live.choose("model_hunyuan-3d-v2-1")
    OPS.scenario.generate()
    mesh = live.jobs[-1]
    assert mesh.state is State.IMPORTED
    assert mesh.order.name == "an owl"
    assert [charge.model_id for charge in live.service.charges] == [WORDS, "model_hunyuan-3d-v2-1"]
    sent = [r for r in live.service.requests if "/generate/" in r.path and "dryRun" not in r.query][-1].json()["image"]
    assert live.service.asset_bytes(sent) == job.file.path.read_bytes(), "what is packed is what was made"


def test_a_background_is_removed_of_a_file_and_back_names_it(live: Live, tmp_path: Path) -> None:
    from tests.engine.orders import draw_picture

    draw_picture(tmp_path / "robot.png", colour="#be5a28", ground="#e6e6e1")
    live.settings.source, live.settings.filepath = "FILE", str(tmp_path / "robot.png")
    made(live, REMOVAL)
    image = live.settings.image
    assert image.name == "robot"
    assert [round(image.pixels[3]), image.channels] == [0, 4]
    assert earlier_words(bpy.context.scene) == "robot.png"
    OPS.scenario.picture_back()
    assert (live.settings.source, live.settings.filepath) == ("FILE", str(tmp_path / "robot.png"))


def test_a_saved_file_keeps_the_picture_without_its_file(live: Live, tmp_path: Path) -> None:
    job = made(live, WORDS, prompt="an owl")
    before = pixels(live.settings.image)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    job.file.path.unlink()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "scene.blend"))
    image = bpy.context.scene.scenario.image
    assert image.packed_file is not None
    assert pixels(image) == before
    assert image.use_fake_user


def test_a_job_that_ended_while_blender_was_closed_brings_its_picture(live: Live, tmp_path: Path) -> None:
    live.image()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    first = made(live)
    session.jobs.write(first.moved(State.READY, wait_s=None))  # it came in, and the file was not saved with it
    session.jobs.flush()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "scene.blend"))
    live.restart()
    assert bpy.context.scene.scenario.image.name == "Chair"
    live.pump_until(lambda: session.jobs[first.id].state is State.IMPORTED)
    image = bpy.context.scene.scenario.image
    assert image["scenario_job_id"] == first.id
    assert tuple(image.size) == (128, 128)


def test_of_four_pictures_the_first_is_chosen_and_each_other_can_be(live: Live) -> None:
    job = made(live, WORDS, prompt="an owl", parameters='{"numOutputs": 4}')
    images = [picture_of(job, number) for number in range(4)]
    assert None not in images and live.settings.image == images[0]
    assert len({tuple(pixels(image)) for image in images}) == 4
    assert OPS.scenario.use_picture(job_id=job.id, number=2) == {"FINISHED"}
    assert live.settings.image == images[2]
    assert len([i for i in bpy.data.images if i.get("scenario_job_id") == job.id]) == 4


def test_a_picture_that_was_deleted_comes_back_for_nothing(live: Live) -> None:
    job = made(live, WORDS, prompt="an owl")
    before = pixels(live.settings.image)
    for is_file_gone in (False, True):
        bpy.data.images.remove(picture_of(job))
        if is_file_gone:
            session.jobs[job.id].file.path.unlink()
        assert OPS.scenario.use_picture(job_id=job.id) == {"FINISHED"}
        assert pixels(live.settings.image) == before
    assert len(live.service.charges) == 1


def test_no_other_blender_is_asked_to_convert_a_picture(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    job = made(live, WORDS, prompt="an owl")
    monkeypatch.setattr(conversions, "_converter", lambda: pytest.fail("it was"))
    assert not conversions.is_converting(job)
    conversions.convert(job)


@pytest.mark.parametrize("kind", ["nothing", "a mesh", "half of it"])
def test_what_is_no_picture_leaves_the_source_as_it_was(live: Live, kind: str) -> None:
    chair = live.image()
    live.service.deliver(UNUSABLE[kind][0])
    with pytest.raises(RuntimeError, match=UNUSABLE[kind][1]):
        OPS.scenario.make_picture(model=UPSCALE)
    assert live.job.state is State.FAILED
    assert live.settings.image == chair and list(bpy.data.images) == [chair]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"model": UPSCALE}, "Choose an image"),
        ({"model": WORDS}, "Write what the picture is to show"),
        ({"model": "model_pixal3d"}, "gives no picture"),
        ({"model": "model_none"}, "There is no 3D model model_none"),
        ({"model": UPSCALE, "source": "OBJECTS"}, "A model changes one picture"),
        ({"model": UPSCALE, "source": "RENDER"}, "There is no render yet"),
        ({"model": WORDS, "prompt": "x", "parameters": '{"nothing": 1}'}, "nothing is not a parameter"),
    ],
)
def test_what_cannot_be_made_is_said_before_anything_is_ordered(
    live: Live, wanted: dict[str, str], message: str
) -> None:
    with pytest.raises(RuntimeError, match=message):
        OPS.scenario.make_picture(**wanted)
    assert not live.service.charges and not live.jobs


def test_both_prices_are_told_before_anything_is_ordered(live: Live) -> None:
    live.choose("model_hunyuan-3d-v2-1")
    session.models.fetch(WORDS, session.online().client)
    live.settings.making.work, live.settings.making.model = "WORDS", WORDS

    def told() -> str:
        return prices_told(bpy.context, read_making(bpy.context))[1]

    live.pump_until(lambda: "then mesh" in told())
    assert told() == "Picture 5 CU, then mesh 4.1 CU"
    assert read_making(bpy.context).problem == "Write what the picture is to show."
    live.settings.making.prompt = "an owl"
    asked = live.service.count("POST", "/generate/")
    live.pump_until(lambda: read_making(bpy.context).problem is None)
    assert told() == "Picture 5 CU, then mesh 4.1 CU"
    assert live.service.count("POST", "/generate/") == asked, "the price does not depend on the words"
    assert not live.service.charges


def test_the_same_asked_for_twice_is_not_one_job(live: Live) -> None:
    first, second = (made(live, WORDS, prompt="an owl", parameters=f'{{"seed": {seed}}}') for seed in (1, 2))
    assert picture_of(first) != picture_of(second)
    assert live.settings.image == picture_of(second)
    assert earlier_words(bpy.context.scene) == picture_of(first).name


def test_of_what_an_image_editor_shows_the_way_back_is_known_too(live: Live) -> None:
    chair = live.image()
    live.settings.image = None
    made(live, UPSCALE, image="Chair")
    assert earlier_words(bpy.context.scene) == "Chair"
    OPS.scenario.picture_back()
    assert live.settings.image == chair


def test_one_that_was_made_for_another_file_waits_and_says_how_it_is_used(live: Live) -> None:
    job = made(live, WORDS, prompt="an owl")
    session.jobs.write(job.moved(State.READY, wait_s=None))
    bpy.ops.wm.read_homefile(use_empty=True)
    live.restart()
    live.pump_until(lambda: not session.tasks.any_running)
    assert session.jobs[job.id].state is State.READY
    assert waiting.why(session.jobs[job.id]) == (
        "The picture was made for another file: import it from the list, or with scenario.use_picture."
    )
    assert OPS.scenario.use_picture(job_id=job.id) == {"FINISHED"}
    assert live.settings.image["scenario_job_id"] == job.id
