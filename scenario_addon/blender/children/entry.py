# SPDX-License-Identifier: GPL-3.0-or-later
"""What every other Blender runs: a script whose last argument names the module that does the work, ``studio.worker``.

That module says how far it stands back, as ``NICENESS``, and gets ready, in ``prepare() -> (order, answer) -> None``,
before there is an order. An order is a line of JSON on standard input, what is answered are lines of JSON on standard
output, the last one ``{"over": true}``. When whoever started it is gone, it ends. No add-on is enabled, and of this one
only what does the work is loaded.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import queue
import sys
import threading
import types
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

__all__: list[str] = []

_PACKAGE: Final = "scenario_child"
"""The add-on under another name, without what it does when it is loaded."""


def _load(name: str) -> Any:
    """Import a module of the add-on's Blender side."""
    here = Path(__file__).resolve().parents[1]
    for package, folder in ((_PACKAGE, here.parent), (f"{_PACKAGE}.{here.name}", here)):
        if package not in sys.modules:
            made = sys.modules[package] = types.ModuleType(package)
            made.__path__ = [str(folder)]
    return importlib.import_module(f"{_PACKAGE}.{here.name}.{name}")


def _read(orders: queue.SimpleQueue[dict[str, Any]]) -> None:
    """Take orders until there will be none, and end then, whatever is under way. Runs in a thread of its own.

    Whoever started this process holds the other end of standard input: it is closed when that one ends, however.
    """
    parts: list[str] = []
    for line in sys.stdin.buffer:
        order = json.loads(line)
        parts = order.get("parts", [])
        orders.put(order)
    for part in parts:  # of files that nobody will take any more
        with suppress(OSError):
            Path(part).unlink()
    os._exit(1)


def _carry_out(order: dict[str, Any], work: Callable[..., None], memory: Any, answer: Callable[..., None]) -> None:
    # Needs no Python: what hangs in C ends, too, when nobody is left to end it.
    faulthandler.dump_traceback_later(order["limit_s"], exit=True)
    try:
        memory.confine_this_process(order["limit_bytes"])
        work(order, answer)
    except MemoryError:
        answer(exhausted=True)
    except Exception as error:  # noqa: BLE001 - whoever waits is told: no space left
        exhausted = {"exhausted": True} if memory.is_exhausted(str(error)) else {}
        answer(failed=f"{type(error).__name__}: {error}", **exhausted)
    finally:
        faulthandler.cancel_dump_traceback_later()
        answer(over=True)


def _main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # Blender and its importers talk on standard output

    def answer(**parts: Any) -> None:
        print(json.dumps(parts), file=answers, flush=True)

    # First of all: on Windows a library that looks at standard input when it is loaded, as numpy's OpenBLAS does, waits
    # for a thread that reads it, which waits for an order (numpy#24290). Blender's importers load numpy much later.
    with suppress(ImportError):
        importlib.import_module("numpy")
    module, memory = _load(sys.argv[-1]), _load("children.memory")
    orders: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(orders,), daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(module.NICENESS)
    work = module.prepare()
    while True:
        _carry_out(orders.get(), work, memory, answer)


try:
    _main()
except BaseException:  # noqa: BLE001 - not by Blender's own way: some versions hang or crash there
    import traceback

    traceback.print_exc()
os._exit(9)
