# SPDX-License-Identifier: GPL-3.0-or-later
"""File systems that are no help: one that refuses at first, one without hard links, one that folds case."""

from __future__ import annotations

import errno
import os
import time
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

__all__ = ["fold_case", "forbid_links", "refuse"]

_CHANGES: Final = ("replace", "rename", "unlink", "remove")


def refuse(monkeypatch: pytest.MonkeyPatch, *, times: int, code: int = errno.EACCES) -> list[float]:
    """Have every rename and every removal of a file refused so often first, as where a virus scanner looks at it.

    :return: how long it was waited for since, in seconds; nobody really waits.
    """
    refused: Counter[tuple[str, ...]] = Counter()
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    for name in _CHANGES:
        monkeypatch.setattr(os, name, _refusing(getattr(os, name), refused, times=times, code=code))
    return pauses


def _refusing(
    real: Callable[..., Any], refused: Counter[tuple[str, ...]], *, times: int, code: int
) -> Callable[..., Any]:
    def change(*paths: Any, **options: Any) -> Any:
        key = (real.__name__, *map(str, paths))
        refused[key] += 1
        if refused[key] <= times:
            raise OSError(code, os.strerror(code), str(paths[0]))
        refused[key] = 0
        return real(*paths, **options)

    change.__name__ = real.__name__
    return change


def forbid_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on exFAT."""

    def link(source: Any, target: Any) -> None:
        code = errno.EEXIST if os.path.lexists(target) else errno.EPERM  # what Linux looks at first
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", link)


def fold_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take names that differ in capitals, or in how accents are composed, for one; as macOS and Windows do."""
    samefile = Path.samefile

    def folded(path: Path | str) -> str:
        return unicodedata.normalize("NFC", os.path.normpath(Path(path).absolute())).casefold()

    def is_same(one: Path, other: Path | str) -> bool:
        is_one = folded(one) == folded(other) and (one.exists() or Path(other).exists())
        return is_one or samefile(one, other)

    monkeypatch.setattr(Path, "samefile", is_same)
    monkeypatch.setattr(os.path, "normcase", lambda path: os.fspath(path).casefold())
