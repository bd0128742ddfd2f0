# SPDX-License-Identifier: GPL-3.0-or-later
"""All that a command is to write at its end, of everything that it has made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import ClassVar, Protocol

from ..batch.item import Item
from ..errors import DiskError
from ..host import AS_DELIVERED, Detail, Host
from ..report.outcome import Outcome
from .gathered import Gathered
from .kit import Kit
from .library import Library
from .sheet import Sheet

__all__ = ["Outputs"]


class _Output(Protocol):
    """One of them."""

    option: ClassVar[str]
    """The command line's, that asks for it."""

    @property
    def place(self) -> tuple[Path, str]: ...

    def check(self, *, inputs: Iterable[Path]) -> None: ...

    def write(
        self, host: Host, gathered: Gathered, items: Iterable[Item] | None, tell: Callable[[str], None]
    ) -> bool: ...


class Outputs:
    """:param state: the folder of the ledger.

    :param kit: where all meshes go in one .blend; ``None``: nowhere.
    :param sheet: where a contact sheet goes.
    :param library: the folder of an asset library.
    :param name: of what is made, if it has one.
    :param detail: of each mesh in the one .blend.
    """

    def __init__(
        self,
        state: Path,
        *,
        kit: Path | None = None,
        sheet: Path | None = None,
        library: Path | None = None,
        name: str = "",
        detail: Detail = AS_DELIVERED,
    ) -> None:
        self._wanted: list[_Output] = []
        if kit is not None:
            self._wanted.append(Kit(kit, state, detail))
        if library is not None:
            self._wanted.append(Library(library, name=name))
        if sheet is not None:
            self._wanted.append(Sheet(sheet, state))
        self._gathered = Gathered()

    @property
    def options(self) -> Sequence[str]:
        """What of the command line asks for them."""
        return [output.option for output in self._wanted]

    @property
    def places(self) -> Sequence[tuple[Path, str]]:
        """The folders that are written to, and the file in each; empty where names are cut to what is allowed."""
        return [output.place for output in self._wanted]

    def check(self, *, inputs: Iterable[Path]) -> None:
        """Find out whether all may be written.

        :param inputs: the files that are to be read.
        :raises InputError: one may not; the sentence says why.
        """
        inputs = list(inputs)
        for output in self._wanted:
            output.check(inputs=inputs)

    def note(self, outcome: Outcome) -> None:
        """Remember what became of an item."""
        if self._wanted:
            self._gathered.note(outcome)

    def write(self, host: Host, items: Iterable[Item] | None, tell: Callable[[str], None]) -> bool:
        """Write all of them; says whether everything is in each.

        :param items: what was wanted, in order, and can be gone through again; see :meth:`.Gathered.entries`.
        :param tell: takes sentences that the user should see, also of what cannot be written.
        """
        is_whole = True
        for output in self._wanted:
            is_whole = self._written(output, host, items, tell) and is_whole
        return is_whole

    def _written(self, output: _Output, host: Host, items: Iterable[Item] | None, tell: Callable[[str], None]) -> bool:
        try:
            return output.write(host, self._gathered, items, tell)
        except DiskError as error:
            tell(f"scenario: {error.user_message}")
            return False
