# SPDX-License-Identifier: GPL-3.0-or-later
"""Backgrounds that go before a picture is sent: here for nothing, or by the service at a price that was seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from PIL import Image

from scenario_addon.blender.app.session import session
from scenario_addon.blender.request import thumbnails
from scenario_addon.blender.request.reading import read
from scenario_addon.blender.sources import cutting
from scenario_addon.engine.cut_out import CUT_OUT_MODEL
from scenario_addon.engine.ledger.job import Job, State
from tests.blender.fake_layout import drawn
from tests.blender.live import Live

MAIN = "SCENARIO_PT_main"


def block(path: Path, ground: np.ndarray | int = 240) -> Path:
    """A red block on a ground."""
    pixels = np.empty((128, 128, 3), dtype=np.uint8)
    pixels[:] = ground
    pixels[20:100, 30:80] = (190, 40, 40)
    Image.fromarray(pixels).save(path)
    return path


def busy() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8)


def choose(live: Live, path: Path) -> None:
    live.choose("model_hunyuan-3d-v2-1")
    live.settings.source, live.settings.filepath = "FILE", str(path)


@pytest.fixture
def plain(live: Live, tmp_path: Path) -> Path:
    path = block(tmp_path / "chair.png")
    choose(live, path)
    return path


@pytest.fixture
def crowded(live: Live, tmp_path: Path) -> Path:
    path = block(tmp_path / "street.png", busy())
    choose(live, path)
    return path


def alpha(path: Path) -> list[int]:
    """In a corner and in the middle."""
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGBA"))
    return [int(pixels[0, 0, 3]), int(pixels[60, 55, 3])]


def cut_outs(live: Live) -> int:
    """How many pictures were paid for at the service."""
    return sum(CUT_OUT_MODEL in request.path for request in live.service.requests if "dryRun" not in request.query)


def sent(job: Job) -> Path:
    return job.order.images()[0].path


def test_that_there_is_a_background_is_said_before_anything_is_paid(live: Live, plain: Path) -> None:
    assert read(bpy.context).notes == ()
    form = read(bpy.context)
    assert form.model is not None and cutting.note_backgrounds(form.planned, form.model)
    told = "chair.png has a background, and Hunyuan 3D 2.1 wants none: Cut Out takes it away."
    assert told in read(bpy.context).notes
    assert not cutting.note_backgrounds(form.planned, form.model), "it is looked at once"
    shown = drawn(MAIN)
    assert shown.button("scenario.cut_out") and "wants none" in str(shown)


def test_a_model_that_minds_no_background_is_asked_nothing(live: Live, plain: Path) -> None:
    model = live.choose("model_pixal3d", {})
    assert not cutting.note_backgrounds(read(bpy.context).planned, model)
    assert not [button for button in drawn(MAIN).operators if button.operator == "scenario.cut_out"]
    with pytest.raises(RuntimeError, match="does not mind"):
        bpy.ops.scenario.cut_out()
    live.settings.cut_out = True
    bpy.ops.scenario.generate()
    assert sent(live.job) == plain


def test_without_a_word_the_picture_goes_out_as_it_is(live: Live, plain: Path) -> None:
    bpy.ops.scenario.generate()
    assert sent(live.job) == plain and alpha(plain) == [255, 255]


def test_a_plain_background_goes_here_for_nothing(live: Live, plain: Path) -> None:
    assert bpy.ops.scenario.cut_out() == {"FINISHED"}
    known = cutting.cut_of(read(bpy.context).planned.items[0])
    assert known is not None and known.result is not None and alpha(known.result) == [0, 255]
    before = live.price().cost_cu
    bpy.ops.scenario.generate()
    assert sent(live.job) == known.result
    assert cut_outs(live) == 0
    assert [charge.cost_cu for charge in live.service.charges] == [before]
    assert live.job.order.name == "chair"


def test_a_script_that_asks_for_it_gets_it_without_a_button(live: Live, plain: Path) -> None:
    live.settings.cut_out = True
    bpy.ops.scenario.generate()
    assert alpha(sent(live.job)) == [0, 255]


def test_any_other_background_goes_at_the_service_and_its_price_is_on_the_button(live: Live, crowded: Path) -> None:
    alone_cu = live.price().cost_cu
    bpy.ops.scenario.cut_out()
    assert len(cutting.by_service(read(bpy.context).planned)) == 1
    total_cu = live.price().cost_cu
    assert alone_cu is not None and total_cu is not None and total_cu > alone_cu
    assert "the service cuts it out" in str(drawn(MAIN))
    bpy.ops.scenario.generate()
    job = live.job
    assert job.state is State.IMPORTED and cut_outs(live) == 1
    assert sum(charge.cost_cu for charge in live.service.charges) == total_cu == job.billed_cu
    one = cutting.by_service(read(bpy.context).planned)[0]
    shown = cutting.shown(one)
    assert shown is not None and alpha(shown)[0] == 0, "what came of it can be seen"


def test_a_price_that_nobody_has_seen_is_not_paid(live: Live, crowded: Path) -> None:
    live.settings.cut_out = True
    live.price()
    assert live.press()[0] == {"CANCELLED"}
    assert live.jobs == [] and live.service.charges == []
    live.price()
    assert live.press()[0] == {"FINISHED"}
    live.pump_until_state(State.IMPORTED, live.job)


def test_above_the_limit_with_the_cut_out_it_is_asked(live: Live, crowded: Path) -> None:
    from tests.blender.live import preferences

    alone_cu = live.price().cost_cu
    assert alone_cu is not None
    bpy.ops.scenario.cut_out()
    live.price()
    preferences().max_cost = float(alone_cu)
    assert "your limit is" in live.press(answer=False)[1]


def test_a_picture_that_has_changed_is_cut_out_anew(live: Live, plain: Path) -> None:
    bpy.ops.scenario.cut_out()
    first = cutting.cut_of(read(bpy.context).planned.items[0])
    Image.fromarray(np.rot90(np.asarray(Image.open(plain)))).save(plain)
    bpy.ops.scenario.generate()
    assert first is not None and sent(live.job) != first.result and alpha(sent(live.job))[0] == 0


def test_what_is_transparent_already_stays_as_it_is(live: Live, tmp_path: Path) -> None:
    pixels = np.zeros((64, 64, 4), dtype=np.uint8)
    pixels[16:48, 16:48] = (200, 30, 30, 255)
    Image.fromarray(pixels).save(tmp_path / "clear.png")
    choose(live, tmp_path / "clear.png")
    bpy.ops.scenario.cut_out()
    bpy.ops.scenario.generate()
    assert sent(live.job) == tmp_path / "clear.png" and cut_outs(live) == 0


def test_an_image_of_the_file_is_cut_out_as_well(live: Live, plain: Path) -> None:
    live.settings.source, live.settings.image = "IMAGE", bpy.data.images.load(str(plain))
    form = read(bpy.context)
    assert form.model is not None and cutting.note_backgrounds(form.planned, form.model)
    bpy.ops.scenario.cut_out()
    bpy.ops.scenario.generate()
    assert alpha(sent(live.job)) == [0, 255]


def test_meanwhile_the_button_is_grey_with_the_reason(live: Live, plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting: list[Any] = []
    monkeypatch.setattr(session.tasks, "run", lambda name, work, done: waiting.append((work, done)))
    monkeypatch.setattr(session.tasks, "is_running", lambda name: name == "cut" and bool(waiting))
    with live.in_window():
        bpy.ops.scenario.cut_out()
    assert read(bpy.context).problem == "The background is being taken away."
    work, done = waiting.pop()
    done(work())
    assert read(bpy.context).problem is None
    assert thumbnails.shown(read(bpy.context)) is None
