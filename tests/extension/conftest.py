# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension as people get it: its zip, installed in a whole Blender with an empty profile."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from build import build

_TIMEOUT_S = 170.0


@dataclass(frozen=True)
class Profile:
    """A Blender executable with a home folder of its own."""

    executable: Path
    home: Path

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run Blender in this profile; `environment` is added to the test's own."""
        own = {
            "HOME": self.home,
            "BLENDER_TEST_HOME": self.home,
            "BLENDER_USER_RESOURCES": self.home / "blender",
        }
        return subprocess.run(
            [str(self.executable), *arguments],
            env={**os.environ, **{name: str(path) for name, path in own.items()}, **environment},
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
        )


@pytest.fixture(scope="session")
def installed(whole_blender: Path, tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """A profile in which this Blender has built, installed and enabled the extension."""
    archive = build(tmp_path_factory.mktemp("dist"), blender=whole_blender)
    profile = Profile(whole_blender, home=tmp_path_factory.mktemp("home"))
    done = profile.run("--command", "extension", "install-file", "-r", "user_default", "-e", str(archive))
    assert done.returncode == 0, done.stdout + done.stderr
    return profile
