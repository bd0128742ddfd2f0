# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a command is said in one sentence, before anything is sent."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.cli.shell import Shell
from tests.engine.orders import draw_picture
from tests.service import Service

MULTIVIEW = "--model model_hunyuan-3d-pro-3-1-multiview"
YVO = "--model model_yvo3d-image-to-3d"

# The command without its program, and what the sentence has to say.
GENERATE = {
    "nothing to make it of": ("", "give a picture"),
    "an empty prompt": ("--prompt ''", "give a picture"),
    "missing file": ("nowhere.png", "nowhere.png does not exist: check the path"),
    "missing file among good ones": ("photo.png nowhere.png", "nowhere.png does not exist"),
    "empty path": ("''", "is a folder"),
    "empty file": ("empty.png", "empty.png is empty"),
    "text named png": ("text.png", "text.png is not a picture"),
    "folder without a picture": ("folder", "folder is a folder without any picture: give a picture"),
    "pattern without a picture": ("'*.gif'", "*.gif matches no picture: give a picture"),
    "path through a file": ("photo.png/x.png", "cannot be read"),
    "name that is too long": (f"{'x' * 300}.png", "cannot be read"),
    "truncated picture": ("cut.png", "cut.png is cut short or damaged"),
    "another format": ("picture.bmp", "save it as PNG or JPEG"),
    "too small": (f"small.png {MULTIVIEW}", "use a larger picture"),
    "unknown model": ("photo.png --model model_pixel3d", "(did you mean model_pixal3d?)"),
    "empty model": ("photo.png --model ''", "There is no 3D model"),
    "model with a path in it": ("photo.png --model ../../jobs", "There is no 3D model"),
    "unknown parameter": ("photo.png --set step=20", "(did you mean steps?)"),
    "wrong type": ("photo.png --set steps=many", 'steps: takes a number, not "many"'),
    "number for a switch": ("photo.png --set paint=1", "paint: takes true or false, not 1"),
    "list for a number": ("photo.png --set steps=[20]", "steps: takes a number"),
    "fraction": ("photo.png --set seed=1.5", "seed"),
    "not a number": ("photo.png --set guidanceScale=NaN", "guidanceScale: takes a number"),
    "endless number": ("photo.png --set guidanceScale=1e999", "guidanceScale"),
    "huge number": (f"photo.png --set seed={'9' * 400}", "seed"),
    "deep nesting": (f"photo.png --set seed={'[' * 100_000}", "seed"),
    "out of range": ("photo.png --set steps=101", "steps: 101 is out of range, it must be at least 10 and at most 100"),
    "not an allowed value": (f"photo.png {MULTIVIEW} --set generateType=Fancy", "use Normal or Geometry"),
    "settings that exclude each other": (f"photo.png {YVO} --set highdetails=true", "needs modelGenerator"),
    "prompt for a picture model": ("photo.png --prompt chair", "takes no prompt"),
    "picture for a text model": ("photo.png --model model_meshy-7-txt23d", "takes no picture"),
    "no picture for a picture model": ("--prompt chair", "takes no prompt"),
    "unknown view": (f"--view side=photo.png {MULTIVIEW}", "side is not a view: use front, left"),
    "view that the model lacks": (
        "--view front=photo.png --view top=photo.png --model model_tripo-v3-1-multiview-to-3d",
        "takes no top view",
    ),
    "needed view missing": (f"--view back=photo.png {MULTIVIEW}", "frontImage is missing"),
    "view given twice": (f"--view front=photo.png --view front=photo.png {MULTIVIEW}", "once"),
    "picture and front view": (f"photo.png --view front=photo.png {MULTIVIEW}", "there are two pictures for"),
    "views of a model that takes one picture": (
        "photo.png --view back=photo.png",
        "takes one picture, not 2",
    ),
    "more views than a list takes": (
        f"photo.png {YVO} " + " ".join(f"--view {v}=photo.png" for v in ("left", "right", "back", "top")),
        "takes at most 4, 5 were given",
    ),
    "picture and front view of a model that takes a list": (f"photo.png --view front=photo.png {YVO}", "two pictures"),
    "folder of several and a view": ("pictures --view back=photo.png", "at most one IMAGE"),
    "model given twice": ("photo.png --model model_pixal3d --model model_pixal3d", "each model can be given once"),
    "setting of one of two models": (
        "photo.png --model model_pixal3d --model model_hunyuan-3d-v2-1 --set paint=false",
        "paint is not a parameter of Pixal3D",
    ),
    "number with a comma": ("photo.png --set guidanceScale=2,5", "with a point"),
    "several pictures and a view": ("photo.png photo.png --view back=photo.png", "at most one IMAGE"),
    "view without a name": ("--view photo.png", "write it as --view NAME=PATH"),
    "view without a path": ("--view front=", "write it as --view NAME=PATH"),
    "missing view": ("--view front=nowhere.png", "nowhere.png does not exist"),
    "set without a value": ("photo.png --set steps", "steps is not a pair: write it as --set NAME=VALUE"),
    "set without a name": ("photo.png --set =5", "write it as --set NAME=VALUE"),
    "set with nothing": ("photo.png --set steps=", "write it as --set NAME=VALUE"),
    "path that is no path": (f"photo.png {MULTIVIEW} --set backImage=5", "takes the path of a picture"),
    "blend without Blender": ("photo.png --blend", "--blend needs Blender"),
    "output that is a file": ("photo.png --output text.png", "text.png cannot be written"),
    "output beside a .blend": (
        "photo.png --output //meshes",
        "//meshes is beside no .blend here: give a folder such as meshes" if os.name != "nt" else "cannot be written",
    ),
    "output below a file": ("photo.png --output text.png/out", "cannot be written"),
    "report that is a folder": ("photo.png --report folder", "is a folder: give the name of a file"),
    "report of too long a name": (f"photo.png --report {'r' * 300}.json", "cannot be written"),
    "pattern of too long a name": (f"{'p' * 300}*.png", "matches no picture"),
    "report below a file": ("photo.png --report text.png/report.json", "cannot be written"),
    "unknown option": ("photo.png --modle x", "--modle"),
    "option without its value": ("photo.png --model", "expected one argument"),
    "cost in words": ("photo.png --max-cost lots", "lots is not a number of Compute Units (CU)"),
    "negative cost": ("photo.png --max-cost -1", "-1 is not a number of Compute Units (CU)"),
    "cost that is not a number": ("photo.png --max-cost nan", "nan is not a number of Compute Units (CU)"),
    "endless cost": ("photo.png --max-cost inf", "inf is not a number of Compute Units (CU)"),
    "no jobs": ("photo.png --jobs 0", "0 is not a number from 1 to 64"),
    "too many jobs": ("photo.png --jobs 65", "65 is not a number from 1 to 64"),
    "half a job": ("photo.png --jobs 1.5", "1.5 is not a number from 1 to 64"),
    "more jobs than digits": (f"photo.png --jobs {'9' * 5000}", "is not a number from 1 to 64"),
}
OTHERS = {
    "no subcommand": ("", "SUBCOMMAND (see scenario --help)"),
    "unknown subcommand": (
        "render",
        "render is not a subcommand: use generate, batch, report, models, account, jobs, fetch, resume or doctor",
    ),
    "unknown model": ("models model_pixel3d", "(did you mean model_pixal3d?)"),
    "too much": ("models model_pixal3d model_x", "model_x"),
    "words for jobs": ("jobs all", "all"),
    "words for resume": ("resume photo", "photo"),
    "unknown option": ("doctor --fix", "--fix"),
    "budget in words": ("resume --max-cost lots", "lots is not a number of Compute Units (CU)"),
}


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """One stand-in for all of them: nothing reaches it that would change it."""
    with Service() as running:
        yield running


@pytest.fixture
def desk(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell in a folder with one good picture and many bad ones."""
    photo = shell.picture()
    (shell.folder / "empty.png").touch()
    (shell.folder / "text.png").write_text("not a picture at all")
    (shell.folder / "picture.bmp").write_bytes(b"BM" + bytes(64))
    (shell.folder / "cut.png").write_bytes(photo.read_bytes()[:-20])
    (shell.folder / "folder").mkdir()
    for name in ("a", "b"):
        draw_picture(shell.folder / "pictures" / f"{name}.png", size_px=(160, 136))
    draw_picture(shell.folder / "small.png", size_px=(160, 64))
    monkeypatch.chdir(shell.folder)
    return shell


def refused(desk: Shell, command: list[str], sentence: str, *, environment: dict[str, str] | None = None) -> None:
    answer = desk(*command, environment=environment)
    assert answer.code == 2, answer
    assert sentence in answer.err
    assert answer.err.startswith("scenario: ")
    assert answer.err.endswith(".\n")
    assert answer.err.count("\n") == 1
    assert answer.out == ""
    assert [request for request in desk.service.requests if request.method != "GET"] == []
    assert desk.service.charges == []
    assert not (desk.folder / "photo.glb").exists()


@pytest.mark.parametrize(("options", "sentence"), GENERATE.values(), ids=GENERATE)
def test_what_cannot_be_made_is_refused(desk: Shell, options: str, sentence: str) -> None:
    refused(desk, ["generate", *shlex.split(options)], sentence)


@pytest.mark.parametrize(("command", "sentence"), OTHERS.values(), ids=OTHERS)
def test_what_cannot_be_understood_is_refused(desk: Shell, command: str, sentence: str) -> None:
    refused(desk, shlex.split(command), sentence)


@pytest.mark.parametrize("case", ["missing file", "out of range", "view given twice", "no jobs", "unknown option"])
def test_bad_input_is_told_before_missing_credentials(desk: Shell, case: str) -> None:
    options, sentence = GENERATE[case]
    environment = desk.without("SCENARIO_SDK_API_KEY", "SCENARIO_SDK_API_SECRET")
    refused(desk, ["generate", *shlex.split(options)], sentence, environment=environment)


def test_a_name_that_is_not_in_utf_8_is_refused(desk: Shell) -> None:
    refused(desk, ["generate", "caf\udce9.png"], "rename the file")


def test_an_address_that_credentials_must_not_go_to_is_refused(desk: Shell) -> None:
    environment = {**desk.environment, "SCENARIO_BASE_URL": "http://example.com/v1"}
    refused(desk, ["generate", "photo.png"], "http://example.com/v1 is not a usable address", environment=environment)


def test_a_state_folder_that_is_a_file_is_told(desk: Shell) -> None:
    environment = {**desk.environment, "SCENARIO_STATE_DIR": str(Path("text.png").absolute())}
    answer = desk("generate", "photo.png", environment=environment)
    assert answer.code == 1
    assert "set SCENARIO_STATE_DIR to a folder of yours" in answer.err
