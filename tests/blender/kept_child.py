# SPDX-License-Identifier: GPL-3.0-or-later
"""Another Blender that serves one test after the other, where the code starts one for each order.

For tests of what comes out of it: starting it takes longer than what they have it do. That it is started, ended and
replaced is for tests that leave it to the code.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from scenario_addon.blender.children.process import Child

__all__ = ["KeptChild", "kept_child", "one_for_all"]

ENTRY: Final = Path(__file__).with_name("kept_entry.py")


class _Kept(Child):
    """It stays when whoever had it is through with it."""

    def close(self) -> None: ...


class KeptChild:
    """Takes the place of ``Child`` in the module that starts one.

    :param work: the module of the Blender side that does its work.
    """

    def __init__(self, work: str, console: Path) -> None:
        self._command, self._console = (sys.executable, str(ENTRY), work), console
        self._child: _Kept | None = None

    def start(self, command: Sequence[str], console: Path) -> Child:
        """Give the one that is there, unless it has ended."""
        if self._child is None or self._child.was_ended or self._child.process.poll() is not None:
            self.end()
            self._child = _Kept.start(self._command, self._console)
        else:
            self._child = _Kept(self._child.process, console)
        return self._child

    def end(self) -> None:
        if self._child is not None:
            Child.close(self._child)


@contextmanager
def kept_child(work: str, folder: Path) -> Iterator[KeptChild]:
    """End it afterwards.

    :param folder: for what it says.
    """
    kept = KeptChild(work, folder / "console.txt")
    try:
        yield kept
    finally:
        kept.end()


def one_for_all(work: str) -> Any:
    """Give a module's fixture, ``other_blender``: the one that serves all tests there."""

    @pytest.fixture(scope="module", name="other_blender")
    def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptChild]:
        with kept_child(work, tmp_path_factory.mktemp("other_blender")) as kept:
            yield kept

    return made
