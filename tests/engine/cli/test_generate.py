# SPDX-License-Identifier: GPL-3.0-or-later
"""``generate``: from pictures to meshes on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.models.catalogue import BUILTIN_IDS
from tests.engine.cli.shell import Shell
from tests.service import Fault

CHEAP = {
    "model_hunyuan-3d-v2-1": ["paint=false", "targetFaceNum=100"],
    "model_hunyuan-3d-pro-3-1-multiview": ["generateType=Geometry", "faceCount=40000"],
    "model_pixal3d": ["decimationTarget=5000", "resolution=1024"],
    "model_rodin-hyper3d": ["quality=extra-low"],
    "model_yvo3d-image-to-3d": ["texture=false", "polycount=1000"],
}


def body_of_the_submission(shell: Shell) -> dict[str, Any]:
    (request,) = shell.submissions
    return request.json()


def colours_by_input(shell: Shell) -> dict[str, Any]:
    """Which picture the service got for which input, by the file's name."""
    names = {asset_id: record["metadata"].get("name") for asset_id, record in shell.service.assets.items()}
    body = body_of_the_submission(shell)
    return {
        name: [names[i] for i in value] if isinstance(value, list) else names.get(value)
        for name, value in body.items()
        if str(value).startswith(("asset_", "['asset_"))
    }


@pytest.mark.parametrize("model_id", BUILTIN_IDS)
def test_a_picture_becomes_the_model_that_the_service_sent_for_one_charge(shell: Shell, model_id: str) -> None:
    settings = [text for pair in CHEAP[model_id] for text in ("--set", pair)]
    answer = shell("generate", shell.picture(), "--model", model_id, "--output", shell.out, *settings)

    assert answer.code == 0, answer.err
    (charge,) = shell.service.charges
    assert charge.model_id == model_id
    assert answer.out == f"{shell.out / 'photo.glb'}\n"
    assert (shell.out / "photo.glb").read_bytes() == shell.service.result_bytes(charge.job_id)
    assert shell.meshes == {"photo.glb"}


def test_pictures_of_one_name_do_not_overwrite_each_other_or_what_is_there(shell: Shell) -> None:
    shell.out.mkdir()
    (shell.out / "photo.glb").write_bytes(b"mine")
    first, second = shell.picture("a/photo.png"), shell.picture("b/photo.png", colour="#2858be")

    answer = shell.generate(first, second)

    assert answer.code == 0
    assert (shell.out / "photo.glb").read_bytes() == b"mine"
    assert shell.meshes == {"photo.glb", "photo-2.glb", "photo-3.glb"}
    assert len({path.read_bytes() for path in shell.out.iterdir()}) == 3
    assert set(answer.paths) == {shell.out / "photo-2.glb", shell.out / "photo-3.glb"}


def test_without_an_output_folder_the_mesh_lands_where_one_is(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.picture()
    monkeypatch.chdir(shell.folder)
    assert shell("generate", "photo.png", "--set", "paint=false").paths == [shell.folder / "photo.glb"]


@pytest.mark.parametrize("name", ["größe 雪 🚀.png", "a  b/it's [1].png", "-dash.png", "two.dots.png"])
def test_paths_may_hold_spaces_and_any_letters(shell: Shell, name: str) -> None:
    picture = shell.picture(name)
    folder = shell.folder / "Aus gabe é"
    answer, report = shell.report("--output", folder, picture)
    assert answer.code == 0, answer.err
    assert answer.paths == [folder / f"{picture.stem}.glb"] == [Path(item["glb"]) for item in report["items"]]
    assert answer.paths[0].exists()


def test_pictures_may_stand_before_and_after_the_options(shell: Shell) -> None:
    first, second = shell.picture("a.png"), shell.picture("b.png")
    answer = shell("generate", first, "--set", "paint=false", second, "--output", shell.out)
    assert answer.code == 0, answer.err
    assert shell.meshes == {"a.glb", "b.glb"}


@pytest.mark.parametrize(("jobs", "is_one_by_one"), [("1", True), ("2", False)])
def test_jobs_says_how_many_are_at_the_service_at_once(shell: Shell, jobs: str, is_one_by_one: bool) -> None:
    answer = shell.generate(shell.picture("a.png"), shell.picture("b.png", colour="#2858be"), "--jobs", jobs)
    assert answer.code == 0
    requests = shell.service.requests
    second = requests.index(shell.submissions[1])
    downloads = [i for i, request in enumerate(requests) if request.origin == "files" and request.method == "GET"]
    assert (downloads[0] < second) is is_one_by_one


def test_settings_are_json_where_they_parse_and_text_otherwise(shell: Shell) -> None:
    picture = shell.picture()
    sets = ["faceCount=40000", "enablePbr=true", "generateType=Geometry"]
    options = [text for pair in sets for text in ("--set", pair)]
    model_id = "model_hunyuan-3d-pro-3-1-multiview"
    assert shell("generate", picture, "--model", model_id, *options, "--output", shell.out).code == 0
    body = body_of_the_submission(shell)
    assert (body["faceCount"], body["enablePbr"], body["generateType"]) == (40000, True, "Geometry")


def test_settings_without_effect_are_told_and_do_not_hinder(shell: Shell) -> None:
    options = ["--model", "model_yvo3d-image-to-3d", "--set", "texture=true", "--set", "polycount=1000"]
    answer = shell("generate", shell.picture(), *options, "--dry-run")
    assert answer.code == 0
    assert "photo: polycount has no effect here" in answer.err


def test_views_go_to_the_inputs_of_their_names(shell: Shell) -> None:
    views = {view: shell.picture(f"{view}.png", colour=c) for view, c in (("back", "#111"), ("left-front", "#eee"))}
    options = [text for view, path in views.items() for text in ("--view", f"{view}={path}")]
    answer = shell(
        "generate", shell.picture(), *options,
        "--model", "model_hunyuan-3d-pro-3-1-multiview", "--set", "faceCount=40000", "--set", "generateType=Geometry",
        "--output", shell.out,
    )  # fmt: skip
    assert answer.code == 0, answer.err
    assert colours_by_input(shell) == {
        "frontImage": "photo.png",
        "backImage": "back.png",
        "leftFrontImage": "left-front.png",
    }
    assert answer.paths == [shell.out / "photo.glb"]


def test_views_go_into_a_list_in_the_order_of_the_sides(shell: Shell) -> None:
    views = {view: shell.picture(f"{view}.png", colour=c) for view, c in (("back", "#111"), ("front", "#eee"))}
    options = [text for view, path in views.items() for text in ("--view", f"{view}={path}")]
    answer = shell(
        "generate", *options, "--model", "model_yvo3d-image-to-3d", "--set", "polycount=1000", "--output", shell.out
    )
    assert answer.code == 0, answer.err
    assert colours_by_input(shell) == {"images": ["front.png", "back.png"]}
    assert answer.paths == [shell.out / "front.glb"]


def test_one_view_is_enough_for_a_model_that_takes_one_picture(shell: Shell) -> None:
    answer, report = shell.report("--view", f"front={shell.picture('front view.png')}")
    assert answer.code == 0
    assert answer.paths == [shell.out / "front view.glb"]
    assert report["items"][0]["image"] == str(shell.folder / "front view.png")


def test_words_alone_are_enough_for_a_model_that_takes_them(shell: Shell) -> None:
    answer = shell("generate", "--prompt", "a chair", "--model", "model_meshy-7-txt23d", "--output", shell.out)
    assert answer.code == 0, answer.err
    assert body_of_the_submission(shell)["prompt"] == "a chair"
    assert answer.paths == [shell.out / "model.glb"]


def test_the_report_says_what_became_of_each_picture(shell: Shell) -> None:
    good, bad = shell.picture("good.png"), shell.picture("bad.png", colour="#2858be")
    shell.service.fail_job("No subject was found.", "Use a plain background.")

    answer, report = shell.report(bad, good, "--jobs", "1")

    assert answer.code == 1
    assert answer.paths == [shell.out / "good.glb"]
    assert f"{bad}: No subject was found. Use a plain background.\n" in answer.err
    assert set(report) == {"items", "cost_cu", "seconds"}
    failed, made = report["items"]
    members = {"image", "model", "state", "job_id", "remote_id", "glb", "blend", "cost_cu", "seconds", "error"} | {
        "preview"
    }
    assert set(failed) == set(made) == members
    assert failed["error"] == "No subject was found. Use a plain background."
    assert (failed["state"], failed["glb"], failed["blend"], failed["cost_cu"]) == ("failed", None, None, 0.0)
    price_cu = float(shell.service.charges[1].cost_cu)
    assert (made["state"], made["glb"], made["error"]) == ("ready", str(shell.out / "good.glb"), None)
    assert made["image"] == str(good)
    assert made["cost_cu"] == report["cost_cu"] == price_cu
    assert report["seconds"] >= made["seconds"] > 0
    assert not list(shell.folder.glob("*.part"))


def test_a_failure_that_is_not_refunded_is_counted(shell: Shell) -> None:
    shell.service.fail_job(disable_refund=True)
    _, report = shell.report(shell.picture())
    assert report["cost_cu"] == float(shell.service.charges[0].cost_cu) > 0


def test_a_failure_without_a_word_is_put_in_words(shell: Shell) -> None:
    shell.service.fail_job(None)
    answer, report = shell.report(shell.picture())
    assert answer.code == 1
    assert "gave no reason" in report["items"][0]["error"]


def test_a_lost_answer_is_charged_once(shell: Shell) -> None:
    shell.service.fail("POST", r"/generate/", Fault.LOST_ANSWER, after=1)
    answer = shell.generate(shell.picture())
    assert answer.code == 0, answer.err
    assert len(shell.service.charges) == 1


def test_a_report_that_cannot_be_written_in_the_end_is_told(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = Path.replace

    def full(path: Path, target: Path) -> Path:
        if target.name == "report.json":  # the last thing that happens to it
            raise OSError(28, "No space left on device")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", full)
    answer = shell.generate(shell.picture(), "--report", shell.folder / "report.json")
    assert answer.code == 1
    assert answer.err.splitlines()[-1].startswith(f"scenario: The report {shell.folder / 'report.json'} cannot")
    assert (shell.out / "photo.glb").exists()


def test_a_dry_run_says_the_prices_and_does_nothing(shell: Shell) -> None:
    first, second = shell.picture("a.png"), shell.picture("b.png", colour="#2858be")
    answer = shell("generate", first, second, "--model", "model_pixal3d", "--dry-run", "--output", shell.out)
    assert answer.code == 0
    assert answer.lines == [f"{first}\t37.5 CU", f"{second}\t37.5 CU", "total\t75.0 CU"]
    assert (shell.service.charges, shell.uploads, shell.jobs) == ([], 0, [])
    assert not shell.out.exists()


@pytest.mark.parametrize(("limit_cu", "code"), [("74.9", 4), ("75", 0)])
def test_a_dry_run_tells_whether_the_budget_will_do(shell: Shell, limit_cu: str, code: int) -> None:
    pictures = [shell.picture("a.png"), shell.picture("b.png", colour="#2858be")]
    answer = shell("generate", *pictures, "--model", "model_pixal3d", "--dry-run", "--max-cost", limit_cu)
    assert answer.code == code


def test_a_price_that_nobody_knows_is_above_every_budget(shell: Shell) -> None:
    for _ in range(2):
        shell.service.fail("POST", "/generate/", Fault.STATUS, status=200, body={"job": {}})
    answer = shell.generate(shell.picture(), "--dry-run")
    assert (answer.code, answer.lines) == (0, [f"{shell.folder / 'photo.png'}\tunknown", "total\tunknown"])
    assert shell.generate(shell.picture(), "--dry-run", "--max-cost", "1000").code == 4


def test_a_dry_run_counts_what_will_be_paid_for_once(shell: Shell) -> None:
    picture = shell.picture()
    price = shell.generate(picture, "--dry-run").lines[0].split("\t")[1]
    twice = shell.generate(picture, picture, "--dry-run")
    assert twice.lines == [f"{picture}\t{price}", f"{picture}\t0 CU", f"total\t{price}"]
    shell.generate(picture)
    assert shell.generate(picture, "--dry-run").lines == [f"{picture}\t0 CU", "total\t0 CU"]
    assert shell.generate(picture, "--dry-run", "--again").lines == [f"{picture}\t{price}", f"total\t{price}"]


@pytest.mark.parametrize("status", [400, 422])
def test_where_the_service_wants_the_picture_first_it_is_uploaded_for_the_price(shell: Shell, status: int) -> None:
    refusal = {"status": status, "body": {"reason": "Parameter image: asset not found"}}
    shell.service.fail("POST", "/generate/", Fault.STATUS, **refusal)
    answer = shell.generate(shell.picture(), "--dry-run")
    assert (answer.code, answer.lines[-1]) == (0, "total\t4.1 CU"), answer.err
    assert (shell.uploads, shell.service.charges) == (1, [])
    assert shell.generate(shell.picture()).code == 0
    assert shell.uploads == 1


def test_above_the_budget_nothing_is_sent(shell: Shell) -> None:
    answer, report = shell.report(shell.picture(), "--max-cost", "1")
    assert answer.code == 4
    assert (shell.service.charges, shell.uploads) == ([], 0)
    assert "at most" in answer.err or "left to spend" in answer.err
    assert report["items"][0]["error"]


def test_the_budget_is_for_all_pictures_together(shell: Shell) -> None:
    price_cu = json.loads(shell.generate(shell.picture(), "--dry-run").lines[0].split("\t")[1].split()[0])
    pictures = [shell.picture("a.png"), shell.picture("b.png", colour="#2858be")]
    answer, report = shell.report(*pictures, "--max-cost", str(price_cu * 1.5))
    assert answer.code == 4
    assert len(shell.service.charges) == len(answer.lines) == 1
    assert report["cost_cu"] == price_cu


@pytest.mark.parametrize(
    ("missing", "change"),
    [
        (("SCENARIO_SDK_API_KEY", "SCENARIO_SDK_API_SECRET"), {}),
        (("SCENARIO_SDK_API_KEY",), {}),
        (("SCENARIO_SDK_API_SECRET",), {}),
        ((), {"SCENARIO_SDK_API_SECRET": "wrong"}),
        ((), {"SCENARIO_SDK_API_KEY": "a:colon"}),
        (("SCENARIO_SDK_API_KEY",), {"SCENARIO_API_KEY": "from the other pair"}),
    ],
    ids=["none", "no key", "no secret", "wrong", "unusable", "mixed pairs"],
)
def test_without_credentials_that_fit_nothing_is_made(
    shell: Shell, missing: tuple[str, ...], change: dict[str, str]
) -> None:
    answer = shell.generate(shell.picture(), environment={**shell.without(*missing), **change})
    assert answer.code == 3
    assert answer.err.startswith("scenario: ")
    assert answer.err.count("\n") == 1
    assert shell.service.secret not in answer.err
    assert (shell.service.charges, shell.uploads) == ([], 0)


def test_credentials_that_are_withdrawn_in_the_middle_count_as_such(shell: Shell) -> None:
    shell.service.fail("POST", "/generate/", Fault.STATUS, status=401, body={"reason": "Unauthorized"}, times=None)
    assert shell.generate(shell.picture()).code == 3
