# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in to play with starts from any Python, as the README says."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import environments
import pytest
import sandbox

SCRIPT = Path(sandbox.__file__)


@pytest.mark.slow
@pytest.mark.usefixtures("minds_ctrl_c")
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to another process there")
def test_with_nothing_installed_it_says_what_to_export_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    with subprocess.Popen(
        [bare / "bin" / "python", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        first = process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to both of them
        assert first.startswith(b"export SCENARIO_"), process.stderr.read()
        assert process.wait(30) == 0
        assert process.stderr.read() == b""


def test_an_environment_that_cannot_be_made_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(name: str) -> Path:
        raise environments.SetupError("There is no Python 3.11.")

    monkeypatch.setattr(environments, "ensure", fail)
    assert sandbox.main([]) == 1
    assert capsys.readouterr().err == "sandbox: There is no Python 3.11.\n"
