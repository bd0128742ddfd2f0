# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders pictures of a subject, in a process of its own: a script that ``studio`` has another Blender run.

It waits for one line of JSON on standard input and answers with lines of JSON on standard output: that it has begun,
each picture as it is there, and what was measured or why it does not work. Then it ends; when whoever started it is
gone, it ends as well.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import sys
import threading
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

__all__: list[str] = []

_NICENESS: Final = 5
"""What the artist does comes first."""
_PACKAGE: Final = "scenario_child"
"""The add-on under another name, without what it does when it is loaded."""


def _load(name: str) -> Any:
    """Import a module of the add-on's Blender side."""
    here = Path(__file__).resolve().parents[2]
    for package, folder in ((_PACKAGE, here.parent), (f"{_PACKAGE}.{here.name}", here)):
        if package not in sys.modules:
            made = sys.modules[package] = types.ModuleType(package)
            made.__path__ = [str(folder)]
    return importlib.import_module(f"{_PACKAGE}.{here.name}.{name}")


def _end_with_the_parent() -> None:
    """End when the parent does, however: that closes the other end of standard input. Runs in a thread of its own."""
    sys.stdin.buffer.read()
    os._exit(1)


def _work(order: dict[str, Any], answer: Callable[..., None]) -> None:
    if not _load("studio.child.light").has_engine(order["engine"]):
        answer(no_engine=True)
        return
    answer(begun=True)
    _load("studio.child.shoot").shoot(order, answer)


def _main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # Blender talks on standard output

    def answer(**parts: Any) -> None:
        print(json.dumps(parts), file=answers, flush=True)

    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    line = sys.stdin.buffer.readline()
    if not line:
        os._exit(1)
    order = json.loads(line)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    # Needs no Python: a render that hangs in C ends, too, when nobody is left to end it.
    faulthandler.dump_traceback_later(order["limit_s"], exit=True)
    try:
        _work(order, answer)
    except Exception as error:  # noqa: BLE001 - whoever waits is told: no space left, no memory left
        answer(failed=f"{type(error).__name__}: {error}")
    # Not by Blender's own way: some versions hang or crash there.
    os._exit(0)


_main()
