# SPDX-License-Identifier: GPL-3.0-or-later
"""A second Blender with the add-on, in a process of its own: it does what it is told, and gives what came of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

__all__ = ["SecondBlender", "second_blender"]

ROOT: Final = Path(__file__).parents[2]
_STATE_DIR: Final = "SCENARIO_STATE_DIR"
_ANSWER: Final = "answer: "
"""Tells an answer from what Blender says."""


class SecondBlender:
    """What is told to it sees ``bpy``, ``live``, ``session``, ``State`` and ``drawn``."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    @contextmanager
    def begun(self, environment: Mapping[str, str]) -> Iterator[SecondBlender]:
        """Have it start as if it had not been there before, and leave everything afterwards.

        :param environment: what points it to the stand-in.
        """
        self._tell({**environment, _STATE_DIR: os.environ[_STATE_DIR]})
        try:
            yield self
        finally:
            self._tell(None)

    def __call__(self, expression: str) -> Any:
        """Evaluate something over there. Blocks until it is done.

        :raises RuntimeError: it was refused; the text is what an operator reported.
        """
        return self._tell(expression)

    def _tell(self, what: str | dict[str, str] | None) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        said: list[str] = []
        for line in self._process.stdout:
            said.append(line)
            if line.startswith(_ANSWER):
                answer = json.loads(line.removeprefix(_ANSWER))
                if "refused" in answer:
                    raise RuntimeError(answer["refused"])
                return answer["gives"]
        raise AssertionError("the second Blender has ended: " + "".join(said))


@contextmanager
def second_blender() -> Iterator[SecondBlender]:
    """Start it, and end it afterwards."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.blender.second_blender"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            yield SecondBlender(process)
        finally:
            process.kill()


def _main() -> None:
    import bpy
    import pytest

    from scenario_addon.blender.app.session import session
    from scenario_addon.engine.ledger.job import State
    from tests.blender.fake_layout import drawn
    from tests.blender.live import registered

    told = (json.loads(line) for line in sys.stdin)
    for environment in told:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        service: Any = SimpleNamespace(environment=environment)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(_STATE_DIR, environment[_STATE_DIR])
            with registered(service, patch) as live:
                _answer(gives=None)
                _evaluate(told, {"bpy": bpy, "live": live, "session": session, "State": State, "drawn": drawn})
        _answer(gives=None)
    os._exit(0)  # not by Blender's own way: some versions hang or crash there


def _evaluate(told: Iterator[str | None], seen: dict[str, Any]) -> None:
    """Do what is told, until that is nothing."""
    while (expression := next(told, None)) is not None:
        try:
            gives = eval(expression, seen)
            _answer(gives=sorted(gives) if isinstance(gives, set) else gives)
        except Exception as error:  # noqa: BLE001 - it is the test's to judge
            _answer(refused=str(error))


def _answer(**answer: Any) -> None:
    print(_ANSWER + json.dumps(answer), flush=True)


if __name__ == "__main__":
    _main()
