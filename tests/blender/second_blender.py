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
_ANSWER: Final = "answer: "
"""Tells an answer from what Blender says."""


class SecondBlender:
    """What is told to it sees ``bpy``, ``live``, ``session``, ``State`` and ``drawn``."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, expression: str) -> Any:
        """Evaluate something over there. Blocks until it is done.

        :raises RuntimeError: it was refused; the text is what an operator reported.
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(expression) + "\n")
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
def second_blender(environment: Mapping[str, str]) -> Iterator[SecondBlender]:
    """Start it, and end it afterwards.

    :param environment: what points it to the stand-in.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "tests.blender.second_blender", json.dumps(dict(environment))],
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


def _main(environment: Mapping[str, str]) -> None:
    import bpy
    import pytest

    from scenario_addon.blender.app.session import session
    from scenario_addon.engine.ledger.job import State
    from tests.blender.fake_layout import drawn
    from tests.blender.live import registered

    bpy.ops.wm.read_factory_settings(use_empty=True)
    service: Any = SimpleNamespace(environment=environment)
    with pytest.MonkeyPatch.context() as patch, registered(service, patch) as live:
        seen = {"bpy": bpy, "live": live, "session": session, "State": State, "drawn": drawn}
        for line in sys.stdin:
            try:
                gives = eval(json.loads(line), seen)
                answer = {"gives": sorted(gives) if isinstance(gives, set) else gives}
            except Exception as error:  # noqa: BLE001 - it is the test's to judge
                answer = {"refused": str(error)}
            print(_ANSWER + json.dumps(answer), flush=True)
    os._exit(0)  # not by Blender's own way: some versions hang or crash there


if __name__ == "__main__":
    _main(json.loads(sys.argv[1]))
