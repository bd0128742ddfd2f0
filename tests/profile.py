# SPDX-License-Identifier: GPL-3.0-or-later
"""A Blender executable with a home of its own, as if on the computer of somebody else."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["Profile"]

_COMMAND_TIMEOUT_S: Final = 120.0


@dataclass(frozen=True)
class Profile:
    """An executable and the folder that holds its settings, extensions and temporary files."""

    executable: Path
    home: Path

    @property
    def temporary(self) -> Path:
        """Where this Blender puts its temporary files, among them its crash reports."""
        return self.home / "tmp"

    @property
    def environment(self) -> dict[str, str]:
        """The environment for any process of this profile: the present one with the folders replaced."""
        folders = {
            "HOME": self.home,
            "BLENDER_TEST_HOME": self.home,
            "BLENDER_USER_RESOURCES": self.home / "blender",
            "TMPDIR": self.temporary,
        }
        self.temporary.mkdir(parents=True, exist_ok=True)
        return {**os.environ, **{name: str(path) for name, path in folders.items()}}

    def run(self, *arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run Blender without a window and wait for its end."""
        return subprocess.run(
            [str(self.executable), *arguments],
            env={**self.environment, **(environment or {})},
            capture_output=True,
            text=True,
            timeout=_COMMAND_TIMEOUT_S,
        )

    def install(self, archive: Path) -> None:
        """Install an extension's zip and enable it."""
        done = self.run("--command", "extension", "install-file", "-r", "user_default", "-e", str(archive))
        assert done.returncode == 0, done.stdout + done.stderr

    def compile(self) -> None:
        """Have what is installed compiled, as after its first use: else each copy does that anew."""
        code = "import bpy, compileall; compileall.compile_dir(bpy.utils.user_resource('EXTENSIONS'), quiet=2)"
        done = self.run("--background", "--factory-startup", "--python-exit-code", "9", "--python-expr", code)
        assert done.returncode == 0, done.stdout + done.stderr

    def copy(self, home: Path) -> Profile:
        """Give a profile that starts out like this one and lives in `home`, which must not exist.

        The modules are the same files: nobody writes into one, and copying them takes as long as a start of Blender.
        """
        shutil.copytree(
            self.home, home, symlinks=True, ignore=shutil.ignore_patterns("tmp"), copy_function=_link_module
        )
        return Profile(self.executable, home)


def _link_module(source: str, target: str) -> None:
    if source.endswith((".py", ".pyc")):
        os.link(source, target)
    else:
        shutil.copy2(source, target)
