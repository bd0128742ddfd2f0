# SPDX-License-Identifier: GPL-3.0-or-later
"""How long it takes from the start of a process to the submission that it is started for."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from environments import ENVS, ROOT
from extension.zips import BuildError, build, this_platform

from tests.engine.orders import FAST_MODEL, draw_picture
from tests.profile import Profile
from tests.service import Request, Service

from .blenders import Blender, ProbeError

__all__ = ["start_to_submission", "version_of"]

_PATIENCE_S: Final = 120.0
_SET: Final = ("--model", FAST_MODEL, "--set", "paint=false", "--set", "targetFaceNum=100")
_VERSION: Final = "import bpy; print(bpy.app.version_string, flush=True); import os; os._exit(0)"


def start_to_submission(blender: Blender | None) -> float:
    """Start the command line, and look when the service gets the order, in seconds.

    A whole Blender has the extension installed, and starts as ``blender --command`` does. A module, or plain Python
    where there is none, runs ``python -m scenario_addon``.

    :raises ProbeError: nothing was ordered.
    """
    ordered, at_s = threading.Event(), [0.0]

    def saw(request: Request) -> None:
        if request.method == "POST" and "/generate/custom/" in request.path and "dryRun" not in request.query:
            at_s[0] = time.monotonic()
            ordered.set()

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, Service(on_request=saw) as service:
        picture = draw_picture(Path(folder) / "picture.png").path
        command, environment = _command(blender, Path(folder))
        own = {**service.environment, "SCENARIO_STATE_DIR": str(Path(folder) / "state"), "NO_PROXY": "127.0.0.1"}
        began_s = time.monotonic()
        with subprocess.Popen(
            [*command, "generate", str(picture), *_SET, "--output", folder],
            env={**environment, **own},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            is_ordered = _wait(ordered, process)
            process.kill()
    if not is_ordered:
        raise ProbeError(f"{blender.name if blender else 'Python'} ordered nothing.")
    return at_s[0] - began_s


def version_of(blender: Blender) -> str:
    """As the rows of the other measurements name it."""
    if blender.has_window:
        said = subprocess.run([blender.command[0], "--version"], capture_output=True, text=True, check=True).stdout
        return f"{said.split()[1]} window"
    said = subprocess.run([blender.command[0], "-c", _VERSION], capture_output=True, text=True, check=True).stdout
    return f"{said.split()[0]} module"


def _wait(ordered: threading.Event, process: subprocess.Popen[bytes]) -> bool:
    end_s = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end_s and process.poll() is None:
        if ordered.wait(0.1):
            break
    return ordered.is_set()


def _command(blender: Blender | None, folder: Path) -> tuple[Sequence[str], Mapping[str, str]]:
    """The command up to its arguments, and the environment that it needs."""
    if blender is not None and blender.has_window:
        profile = _installed(blender.command[0])
        return [blender.command[0], "--online-mode", "--command", "scenario"], profile.environment
    python = sys.executable if blender is None else blender.command[0]
    homes = {"HOME": str(folder), "BLENDER_TEST_HOME": str(folder), "PYTHONPATH": str(ROOT)}
    return [python, "-m", "scenario_addon"], {**os.environ, **homes}


@cache
def _installed(executable: str) -> Profile:
    """A profile in which a Blender has the extension, made once.

    :raises ProbeError: it cannot be built.
    """
    home = ENVS / "bench" / "installed" / str(os.getpid())
    try:
        [archive] = build(home / "dist", blender=Path(executable), platforms=[this_platform()])
    except BuildError as error:
        raise ProbeError(str(error)) from error
    profile = Profile(Path(executable), home / Path(executable).name)
    profile.install(archive)
    return profile
