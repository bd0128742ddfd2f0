# SPDX-License-Identifier: GPL-3.0-or-later
"""All meshes of a command in one .blend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import ClassVar, Final

from ..batch.item import Item
from ..host import AS_DELIVERED, Detail, Host, Piece, Remark
from ..models.seeds import maker_of
from .gathered import Entry, Gathered
from .own_file import InOneFile

__all__ = ["Kit"]

_NAMED: Final = 5
"""So many of those that are left out are named."""


class Kit(InOneFile):
    """:param blend: the file that is written.

    :param state: the folder of the ledger.
    :param detail: of each mesh in it.
    """

    option: ClassVar = "--blend-all"
    suffix: ClassVar = ".blend"
    records: ClassVar = "kits"

    def __init__(self, blend: Path, state: Path, detail: Detail = AS_DELIVERED) -> None:
        super().__init__(blend, state)
        self._detail = detail

    def write(self, host: Host, gathered: Gathered, items: Iterable[Item] | None, tell: Callable[[str], None]) -> bool:
        """Write what has been made; says whether all of that is in it.

        :param items: as for :meth:`.Gathered.entries`.
        :param tell: takes sentences that the user should see.
        :raises DiskError: it cannot be written.
        """
        made = [entry.number for entry in gathered.entries(None) if entry.mesh is not None]
        if not made:
            return True
        with self._file.draft() as part:
            pieces = (_piece(entry) for entry in gathered.entries(items) if entry.mesh is not None)
            remarks = host.write_kit(pieces, part, name=self._file.path.stem, detail=self._detail)
            left_out = [remark for remark in remarks if remark.is_left_out]
            for remark in remarks:
                tell(_said(remark))
            if len(left_out) == len(made):
                return False
            path = self._file.publish(part)
        without = [*_missing(items, set(made)), *(remark.name for remark in left_out)]
        tell(f"{path} holds {_count(len(made) - len(left_out))}{_lacking(without)}.")
        return not left_out


def _piece(entry: Entry) -> Piece:
    assert entry.mesh is not None
    order = entry.order
    return Piece(entry.name, entry.mesh, entry.job_id, order.model_id, order.placement, maker_of(order))


def _missing(items: Iterable[Item] | None, made: set[int]) -> Iterator[str]:
    return (item.order.name for number, item in enumerate(items or ()) if number not in made)


def _said(remark: Remark) -> str:
    return f"{remark.name}: {remark.text}" if remark.is_left_out else f"{remark.name} comes {remark.text}."


def _count(meshes: int) -> str:
    return "1 mesh" if meshes == 1 else f"{meshes:,} meshes"


def _lacking(names: list[str]) -> str:
    if not names:
        return ""
    more = len(names) - _NAMED
    return f", without {', '.join(names[:_NAMED])}{f' and {more:,} more' if more > 0 else ''}"
