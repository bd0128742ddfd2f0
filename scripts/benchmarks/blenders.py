# SPDX-License-Identifier: GPL-3.0-or-later
"""The Blenders to measure in, and how a probe runs in one: in a fresh process, with a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from environments import ENVS, ROOT, ensure

__all__ = ["Blender", "ProbeError", "modules", "windows"]

_PATHS: Final = [str(ROOT), str(ROOT / "scripts")]
_START: Final = f"import sys; sys.path[:0] = {_PATHS}; from benchmarks.probes import start; start()"
_WINDOW: Final = ("--factory-startup", "--window-geometry", "0", "0", "1600", "900", "--python-expr", _START)
_TIMEOUT_S: Final = 400.0
_TAIL_LINES: Final = 20
_CHILD: Final = (str(ROOT / "scenario_addon" / "blender" / "children" / "entry.py"), "converting.worker")


class ProbeError(RuntimeError):
    """A probe did not come to its end; the message holds the last words of its Blender."""


@dataclass(frozen=True)
class Blender:
    """One Blender: the ``bpy`` module of an environment, or an executable with its window."""

    name: str
    command: tuple[str, ...]
    has_window: bool = False

    @property
    def child(self) -> list[str]:
        """The command that starts a second one; empty where Blender knows its own executable."""
        return [] if self.has_window else [self.command[0], *_CHILD]

    def run(self, probe: str, *, environment: Mapping[str, str] | None = None, **arguments: Any) -> Report:
        """Run a probe and wait for it.

        :param environment: added to this process's own.
        :raises ProbeError: Blender or the probe failed.
        """
        with tempfile.TemporaryDirectory(prefix="scenario-bench-", ignore_cleanup_errors=True) as home:
            report = Path(home) / "report.json"
            order = {"probe": probe, "arguments": arguments, "report": str(report)}
            own = {
                "SCENARIO_BENCH": json.dumps(order),
                "HOME": home,
                "BLENDER_TEST_HOME": home,
                "MESA_SHADER_CACHE_DIR": str(ENVS / "shaders"),
            }
            try:
                done = subprocess.run(
                    self.command,
                    env={**os.environ, "SCENARIO_STATE_DIR": str(Path(home) / "state"), **(environment or {}), **own},
                    cwd=ROOT,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    errors="replace",
                    timeout=_TIMEOUT_S,
                )
            except subprocess.TimeoutExpired as error:
                raise ProbeError(f"{self.name}: {probe} did not end within {_TIMEOUT_S:.0f} s.") from error
            found = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
        if "figures" not in found:
            tail = (done.stdout + done.stderr).splitlines()[-_TAIL_LINES:]
            raise ProbeError(f"{self.name}: {probe} failed.\n{found.get('error') or chr(10).join(tail)}")
        kind = "window" if self.has_window else "module"
        return Report(f"{found['blender']} {kind}", found["figures"])


@dataclass(frozen=True)
class Report:
    """What a probe found out."""

    blender: str
    """Its version, and whether it had a window."""
    figures: dict[str, Any]


def modules(names: Sequence[str]) -> tuple[Blender, ...]:
    """The ``bpy`` modules of these environments, which are made where they are missing.

    :raises SetupError: one cannot be made.
    """
    return tuple(Blender(name, (str(ensure(name)), "-c", f"import bpy; {_START}")) for name in names)


def windows(executables: Sequence[str]) -> tuple[Blender, ...]:
    """Whole Blenders, each opening a window for every run."""
    paths = [Path(executable).absolute() for executable in executables]
    return tuple(Blender(path.name, (str(path), *_WINDOW), has_window=True) for path in paths)
