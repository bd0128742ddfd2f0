# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-on as it was, to measure it side by side with what it is."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

from environments import ENVS, ROOT, SetupError

__all__ = ["checked_out"]


def checked_out(revision: str) -> Path:
    """The folder that holds the add-on's package as it was at a revision, made once.

    :raises SetupError: git knows no such revision.
    """
    name = _git("rev-parse", "--short", "--verify", f"{revision}^{{commit}}").decode().strip()
    folder = ENVS / "bench" / f"revision-{name}"
    if not folder.exists():
        with tarfile.open(fileobj=io.BytesIO(_git("archive", name, "scenario_addon"))) as archive:
            archive.extractall(folder, filter="data")
    return folder


def _git(*arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True)
    if done.returncode:
        raise SetupError(done.stderr.decode(errors="replace").strip() or f"git {arguments[0]} failed")
    return done.stdout
