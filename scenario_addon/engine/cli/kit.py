# SPDX-License-Identifier: GPL-3.0-or-later
"""All meshes of a command in one .blend, written at the end.

A file that is there is never overwritten, unless an earlier run has written it and nobody has changed it since: so the
same command can be run again, after an interruption or for what had failed.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from ..batch.item import Item
from ..errors import DiskError
from ..files import discard, is_same_place, make_private_folder, publish, replace, write_whole
from ..host import Host, Piece, Remark
from ..ledger.job import Job
from ..names import numbered, token
from ..report.outcome import Outcome
from ..values import MeshFile
from .call import UsageError

__all__ = ["Kit"]

_SUFFIX: Final = ".blend"
_NAMED: Final = 5
"""So many of those that are left out are named."""


class Kit:
    """:param blend: the file that is written.

    :param folder: the state's, where it is kept what was written.
    """

    def __init__(self, blend: Path, folder: Path) -> None:
        self.blend = blend.absolute()
        self._record = folder / "kits" / token(str(self.blend))
        self._made: dict[int, tuple[MeshFile, Job]] = {}
        """What there is for an item, by its number."""

    def check(self, *, source: Path | None) -> None:
        """Find out whether it may be written.

        :param source: the .blend that is to be read.
        :raises UsageError: it may not; the sentence says why.
        """
        if self.blend.suffix.lower() != _SUFFIX:
            raise UsageError(f"--blend-all {self.blend}: give a file that ends in {_SUFFIX}.")
        if source is not None and is_same_place(source, self.blend):
            raise UsageError(f"--blend-all {self.blend} is what --from-blend reads: give another file.")
        if self.blend.is_dir():
            raise UsageError(f"--blend-all {self.blend} is a folder: give the name of a file.")
        if self.blend.exists() and not self._is_ours():
            raise UsageError(f"--blend-all {self.blend} is already there: move it away or give another file.")

    def note(self, outcome: Outcome) -> None:
        """Remember what became of an item."""
        if outcome.file is not None:
            self._made[outcome.number] = outcome.file, outcome.job

    def write(self, host: Host, items: Iterable[Item] | None, tell: Callable[[str], None]) -> bool:
        """Write what has been made; says whether all of that is in it.

        :param items: what was wanted, in order; ``None``: whatever was carried on, as it was ordered.
        :param tell: takes sentences that the user should see.
        :raises DiskError: it cannot be written.
        """
        if not self._made:
            return True
        missing = [item.order.name for number, item in enumerate(items or ()) if number not in self._made]
        part = self.blend.with_name(f".{uuid.uuid4().hex}{_SUFFIX}")
        try:
            remarks = host.write_kit(self._pieces(items), part, name=self.blend.stem)
            left_out = [remark for remark in remarks if remark.is_left_out]
            for remark in remarks:
                tell(_said(remark))
            if len(left_out) == len(self._made):
                return False
            path = self._published(part)
        except DiskError as error:  # nobody knows the name that it has until then
            raise DiskError(error.user_message.replace(str(part), str(self.blend))) from error
        finally:
            discard(part)
        without = [*missing, *(remark.name for remark in left_out)]
        tell(f"{path} holds {_count(len(self._made) - len(left_out))}{_lacking(without)}.")
        return not left_out

    def _pieces(self, items: Iterable[Item] | None) -> Iterator[Piece]:
        if items is None:
            orders = ((number, job.order) for number, (_, job) in sorted(self._made.items()))
        else:  # what was ordered earlier may have stood elsewhere
            orders = ((number, item.order) for number, item in enumerate(items) if number in self._made)
        for number, order in orders:
            file, job = self._made[number]
            name = order.name if order.number == 1 else f"{order.name}-{order.number}"
            yield Piece(name, file.path, job.id, order.model_id, order.placement)

    def _published(self, part: Path) -> Path:
        """Give the file its name, or a numbered one where somebody has written another one meanwhile.

        :raises DiskError: it cannot be done.
        """
        try:
            digest = _digest(part)
            if self.blend.exists() and self._is_ours():
                replace(part, self.blend)
                path = self.blend
            else:
                path = publish(part, numbered(self.blend))
        except OSError as error:
            raise DiskError(f"{self.blend} could not be written: {error.strerror or error}.") from error
        if path == self.blend:
            with suppress(OSError):  # without it nothing will overwrite the file
                make_private_folder(self._record.parent)
                write_whole(self._record, digest.encode(), is_private=True)
        return path

    def _is_ours(self) -> bool:
        """Whether the file is as an earlier run has written it."""
        try:
            return self._record.read_text(encoding="ascii") == _digest(self.blend)
        except (OSError, ValueError):
            return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _said(remark: Remark) -> str:
    return f"{remark.name}: {remark.text}" if remark.is_left_out else f"{remark.name} comes {remark.text}."


def _count(meshes: int) -> str:
    return "1 mesh" if meshes == 1 else f"{meshes:,} meshes"


def _lacking(names: list[str]) -> str:
    if not names:
        return ""
    more = len(names) - _NAMED
    return f", without {', '.join(names[:_NAMED])}{f' and {more:,} more' if more > 0 else ''}"
