# SPDX-License-Identifier: GPL-3.0-or-later
"""``models``, ``jobs``, ``--help`` and ``--version``: what only looks."""

from __future__ import annotations

import json

import pytest

from scenario_addon import __version__
from scenario_addon.engine.ledger.ledger import Ledger
from scenario_addon.engine.models.catalogue import BUILTIN_IDS
from tests.engine.cli.shell import QuickClock, Shell
from tests.service import Fault

KEYS = ("SCENARIO_SDK_API_KEY", "SCENARIO_SDK_API_SECRET")


def test_models_lists_the_3d_models_the_built_in_ones_first(shell: Shell) -> None:
    answer = shell("models")
    assert (answer.code, answer.err) == (0, "")
    ids = [line.split()[0] for line in answer.lines if line.startswith("model_")]
    assert ids[: len(BUILTIN_IDS)] == list(BUILTIN_IDS)
    assert "model_meshy-7-img23d" in ids
    assert "model_picture-restyler" not in ids, "makes no 3D models"
    assert "model_meshy-img23d" not in ids, "the service recommends another one"


def test_models_json_is_a_list_of_the_same_models(shell: Shell) -> None:
    listed = json.loads(shell("models", "--json").out)
    assert [model["id"] for model in listed[: len(BUILTIN_IDS)]] == list(BUILTIN_IDS)
    assert {"id", "name", "description", "capabilities", "plan", "parameters"} <= set(listed[0])


def test_one_model_is_shown_with_its_parameters_types_defaults_and_limits(shell: Shell) -> None:
    answer = shell("models", "model_hunyuan-3d-pro-3-1-multiview")
    assert answer.code == 0
    rows = {line.split()[0]: line for line in answer.lines if line}
    assert "Views: front, left, right, back" in answer.out
    assert "required" in rows["frontImage"]
    assert "500000" in rows["faceCount"]
    assert "40000 to 1500000" in rows["faceCount"]
    assert "Normal, Geometry" in rows["generateType"].replace('"', "")


def test_one_model_as_json_is_an_object_with_its_parameters(shell: Shell) -> None:
    model = json.loads(shell("models", "model_hunyuan-3d-pro-3-1-multiview", "--json").out)
    parameters = {parameter["name"]: parameter for parameter in model["parameters"]}
    assert parameters["frontImage"]["required"] is True
    assert parameters["generateType"]["allowed"] == ["Normal", "Geometry"]
    face_count = parameters["faceCount"]
    assert (face_count["min"], face_count["max"], face_count["default"], face_count["whole"]) == (
        40000, 1500000, 500000, True,
    )  # fmt: skip
    assert model["picture_limits"]["min_side_px"] == 128


def test_every_model_of_the_service_can_be_shown(shell: Shell) -> None:
    for model in json.loads(shell("models", "--json").out):
        text, data = shell("models", model["id"]), shell("models", model["id"], "--json")
        assert text.code == data.code == 0
        parameters = json.loads(data.out)["parameters"]
        assert parameters
        assert all(parameter["name"] in text.out for parameter in parameters)


@pytest.mark.parametrize("model_id", BUILTIN_IDS)
def test_without_a_key_the_built_in_models_are_known(shell: Shell, model_id: str) -> None:
    listed = shell("models", environment=shell.without(*KEYS))
    shown = shell("models", model_id, environment=shell.without(*KEYS))
    assert listed.code == shown.code == 0
    assert model_id in listed.out
    assert "PARAMETER" in shown.out
    assert shown.err.startswith("What is known without the service: There is no API key")
    assert shell.service.requests == []


def test_what_is_known_of_the_models_is_shown_when_the_service_is_away(shell: Shell) -> None:
    shell("models")
    shell.service.fail("GET", "/models", Fault.STATUS, status=503, times=None)
    answer = shell("models")
    assert answer.code == 0
    assert "model_meshy-7-img23d" in answer.out, "from the last time"
    assert answer.err.startswith("What is known without the service: ")
    assert shell("models", "model_pixal3d").code == 0


def test_models_with_a_refused_key_ends_as_that(shell: Shell) -> None:
    answer = shell("models", environment={**shell.environment, "SCENARIO_SDK_API_SECRET": "wrong"})
    assert (answer.code, answer.out) == (3, "")


def test_an_empty_ledger_is_an_empty_list(shell: Shell) -> None:
    assert json.loads(shell("jobs", "--json").out) == []
    answer = shell("jobs")
    assert (answer.code, answer.out, answer.err) == (0, "", "There are no jobs yet.\n")


def test_jobs_tells_what_became_of_each(shell: Shell) -> None:
    shell.service.fail_job("No subject was found.", "Cut it out.")
    shell.generate(shell.picture("bad.png"))
    shell.generate(shell.picture("good.png"))
    shell.generate(shell.picture("begun.png", colour="#2858be"), clock=QuickClock(1.0))

    answer = shell("jobs")
    bad, good, begun = answer.lines[1:]
    assert answer.code == 0
    assert bad.endswith("failed      No subject was found. Cut it out.")
    assert good.endswith(f"done        {shell.out / 'good.glb'}"), "in one piece, however long"
    assert f"{shell.service.charges[1].cost_cu.normalize()} CU" in good
    assert "being made" in begun

    data = json.loads(shell("jobs", "--json").out)
    assert [(job["name"], job["state"], job["settled"]) for job in data] == [
        ("bad", "failed", True),
        ("good", "ready", True),
        ("begun", "running", False),
    ]
    assert data[0]["hint"] == "Cut it out."
    assert data[1]["glb"] == str(shell.out / "good.glb")
    assert data[2]["remote_id"] in shell.service.jobs


def test_a_reason_that_controls_terminals_does_not(shell: Shell) -> None:
    shell.service.fail_job("Too\x1b[2J \u202edark\n", "\x07Use a brighter\u2028picture")
    answer = shell.generate(shell.picture())
    assert answer.err.endswith("photo.png: Too[2J dark. Use a brighter picture\n")
    assert shell("jobs").lines[1].endswith("failed  Too[2J dark. Use a brighter picture")


def test_a_long_reason_is_cut_in_the_list_and_whole_in_the_data(shell: Shell) -> None:
    reason = "Too dark and darker " + "and darker " * 100
    shell.service.fail_job(reason)
    _, _, told = shell.generate(shell.picture()).err.splitlines()[-1].partition("photo.png: ")
    assert (told[:8], len(told), told[-1]) == ("Too dark", 500, "…")
    assert shell("jobs").lines[1].endswith(told)
    assert json.loads(shell("jobs", "--json").out)[0]["error"] == reason.strip()


def test_jobs_looks_while_another_process_carries_them(shell: Shell) -> None:
    shell.generate(shell.picture(), clock=QuickClock(1.0))
    other = Ledger(shell.state)
    try:
        assert other.claim(other.jobs()[0].id)
        answer = shell("jobs", "--json")
        assert [job["state"] for job in json.loads(answer.out)] == ["running"]
        assert other.claim(other.jobs()[0].id), "it is still the other's"
    finally:
        other.close()


def test_jobs_needs_neither_key_nor_service(shell: Shell) -> None:
    assert shell("jobs", environment=shell.without(*KEYS)).code == 0
    assert shell.service.requests == []


def test_a_ledger_that_is_damaged_is_told_once_with_both_paths(shell: Shell) -> None:
    shell.state.mkdir()
    path = shell.state / "ledger.sqlite3"
    path.write_bytes(b"this is no ledger" * 100)
    answer = shell("jobs")
    assert answer.code == 0
    aside = shell.state / "ledger.damaged-1.sqlite3"
    assert answer.err.count(f"The ledger {path} was damaged: it is kept as {aside}, and a new one was begun.") == 1
    assert shell("jobs").err == "There are no jobs yet.\n"


def test_jobs_says_what_waits_for_the_user_and_why(shell: Shell) -> None:
    shell.generate(shell.picture(), "--max-cost", "1")
    [row] = shell("jobs").lines[1:]
    assert "waiting to start  Waits for you: It costs" in row


@pytest.mark.parametrize("command", [[], ["generate"], ["models"], ["account"], ["jobs"], ["resume"], ["doctor"]])
def test_help_is_there_for_everything(shell: Shell, command: list[str]) -> None:
    answer = shell(*command, "--help")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(" ".join(["usage: scenario", *command]))


def test_the_version_is_the_packages(shell: Shell) -> None:
    answer = shell("--version")
    assert (answer.code, answer.out) == (0, f"{__version__}\n")


def test_verbose_says_what_is_sent_but_nothing_that_is_secret(shell: Shell) -> None:
    answer = shell("--verbose", "generate", shell.picture(), "--set", "paint=false", "--output", shell.out)
    assert answer.code == 0
    assert "POST /assets" in answer.err
    assert shell.service.secret not in answer.err
    assert "ignature" not in answer.err, "signed addresses open files without a key"
    assert "DEBUG" not in shell("models").err, "not from then on"
    assert shell("--verbose", "models").err.count("GET /models: 200") == 1, "not once more each time"
