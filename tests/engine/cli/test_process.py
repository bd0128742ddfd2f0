# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line as a process of its own: ``python -m scenario_addon``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.engine.cli.child import ROOT, command, hurried
from tests.engine.cli.shell import FAST, Shell
from tests.service import Request, Service

pytestmark = pytest.mark.slow

SLOW_S: Final = 30.0


def run(shell: Shell, *args: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(**command(shell, *args, **environment), capture_output=True, timeout=SLOW_S, check=False)


@pytest.fixture
def submitted() -> threading.Event:
    """Set once the service has been asked to start a job."""
    return threading.Event()


@pytest.fixture
def service(submitted: threading.Event) -> Iterator[Service]:
    def look(request: Request) -> None:
        if request.method == "POST" and "/generate/" in request.path and "dryRun" not in request.query:
            submitted.set()

    with Service(job_polls=1, on_request=look) as running:
        yield running


def test_a_process_makes_a_mesh_and_says_where_it_is(shell: Shell) -> None:
    shell.picture("größe 1.png")
    model = ["--model", "model_meshy-7-img23d", "--set", "shouldTexture=false"]
    done = run(shell, "generate", "größe 1.png", *model, "--output", "aus gabe")
    assert done.returncode == 0, done.stderr
    path = shell.folder / "aus gabe" / "größe 1.glb"
    assert done.stdout == f"{path}\n"
    (charge,) = shell.service.charges
    assert path.read_bytes() == shell.service.result_bytes(charge.job_id)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to another process there")
@pytest.mark.usefixtures("minds_ctrl_c")
def test_ctrl_c_ends_a_process_and_resume_fetches_what_it_began(shell: Shell, submitted: threading.Event) -> None:
    picture = shell.picture()
    options = ["generate", picture, *FAST, "--output", shell.out]
    with subprocess.Popen(**command(shell, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert submitted.wait(SLOW_S)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=SLOW_S)
    assert process.returncode == 130
    assert "Interrupted" in told
    assert "Traceback" not in told

    answer = shell("resume")

    assert answer.paths == [shell.out / "photo.glb"]
    assert len(shell.service.charges) == 1


def test_a_killed_process_leaves_what_resume_needs(shell: Shell, submitted: threading.Event) -> None:
    options = ["generate", shell.picture(), *FAST, "--output", shell.out]
    with subprocess.Popen(**command(shell, *options), stderr=subprocess.DEVNULL) as process:
        assert submitted.wait(SLOW_S)
        process.kill()
        process.wait(SLOW_S)
    answer = shell("resume")
    assert answer.paths == [shell.out / "photo.glb"]
    assert len(shell.service.charges) == 1


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_path_in_a_pipe_is_that_of_the_file_however_the_system_writes(shell: Shell, encoding: str) -> None:
    name = "größe 椅子 🪑"
    options = (shell.picture(f"{name}.png"), *FAST, "--output", shell.out)
    done = subprocess.run(
        **hurried(shell, "generate", *options, PYTHONIOENCODING=encoding),
        capture_output=True,
        timeout=SLOW_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.removesuffix("\n")).is_file()
    assert f"{name}: done" in done.stderr


def test_a_reader_that_has_seen_enough_gets_no_traceback(shell: Shell) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            **command(shell, "models"), stdout=writer, stderr=subprocess.PIPE, timeout=SLOW_S, check=False
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_results_that_cannot_be_written_are_told(shell: Shell) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            **command(shell, "models"), stdout=full, stderr=subprocess.PIPE, timeout=SLOW_S, check=False
        )
    assert done.returncode == 1
    assert done.stderr == "scenario: No space left on device.\n"


@pytest.mark.parametrize("name", ["requests", "pydantic"])
def test_a_missing_library_is_named_with_what_to_do(shell: Shell, name: str) -> None:
    (shell.folder / "blocked").mkdir()
    (shell.folder / "blocked" / f"{name}.py").write_text(f"raise ModuleNotFoundError(name={name!r})")
    path = f"{shell.folder / 'blocked'}{os.pathsep}{ROOT}"
    done = run(shell, "models", PYTHONPATH=path)
    assert done.returncode == 2
    assert done.stderr.startswith("scenario: ")
    assert done.stderr.count("\n") == 1
    assert name in done.stderr
