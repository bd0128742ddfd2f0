# SPDX-License-Identifier: GPL-3.0-or-later
"""An asset library: a folder with a .blend for each mesh, that every run adds to.

A file's name ends with the job that its mesh came from: that is how a later run, also on another machine, finds what is
there already. Nothing that is there is ever overwritten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ClassVar, Final

from ..batch.item import Item
from ..errors import DiskError, ImportFailed, InputError
from ..files import is_folder, is_there
from ..host import Asset, Host
from ..names import fitting_name
from ..text import lacking
from ..values import JobId
from .gathered import Entry, Gathered

__all__ = ["Library"]

_SUFFIX: Final = ".blend"
_DIGITS: Final = 12
"""Of a job's id, in a name."""
_CATALOGUE: Final = "Scenario"


class Library:
    """:param folder: of the library.

    :param name: of what is made, if it has one: its meshes get a catalogue of their own.
    """

    option: ClassVar = "--library"

    def __init__(self, folder: Path, *, name: str = "") -> None:
        self._folder = folder.absolute()
        self._catalogue = f"{_CATALOGUE}/{name}" if name else _CATALOGUE

    @property
    def place(self) -> tuple[Path, str]:
        """The folder that is written to; names there are cut to what it allows."""
        return self._folder, ""

    def check(self, *, inputs: Iterable[Path]) -> None:
        """Find out whether there may be a library.

        :raises InputError: it may not; the sentence says why.
        """
        if is_there(self._folder) and not is_folder(self._folder):
            raise InputError(f"{self.option} {self._folder} is a file: give the name of a folder.")

    def write(self, host: Host, gathered: Gathered, items: Iterable[Item] | None, tell: Callable[[str], None]) -> bool:
        """Add what has been made and is not there yet; says whether all of that is in it.

        :param items: as for :meth:`.Gathered.entries`.
        :param tell: takes sentences that the user should see.
        :raises DiskError: it cannot be written.
        """
        there = self._jobs()
        added = known = left_out = 0
        for entry in gathered.entries(items):
            if entry.mesh is None:
                continue
            try:
                is_new = _digits(entry.job_id) not in there and self._add(host, entry, entry.mesh, tell)
            except ImportFailed as error:
                tell(f"{entry.name}: {error.user_message}")
                left_out += 1
                continue
            there.add(_digits(entry.job_id))
            added, known = added + is_new, known + (not is_new)
        if added or known:
            before = f"; {known:,} {'was' if known == 1 else 'were'} there already" if known else ""
            tell(f"{_count(added)} been added to the library {self._folder}{before}.")
        return not left_out

    def _add(self, host: Host, entry: Entry, mesh: Path, tell: Callable[[str], None]) -> bool:
        """Write a mesh; says whether nobody else has done it meanwhile.

        :raises ImportFailed: it cannot be read.
        :raises DiskError: it cannot be written.
        """
        path = self._path(entry)
        try:
            flaws = host.write_asset(self._asset(entry, mesh), path)
        except DiskError:
            if is_there(path):
                return False
            raise
        if flaws:
            tell(lacking(f"{entry.name} comes", flaws))
        return True

    def _jobs(self) -> set[str]:
        """The digits of the jobs whose meshes are there.

        :raises DiskError: the folder cannot be read.
        """
        try:
            return {path.stem[-_DIGITS:] for path in self._folder.glob(f"*{_SUFFIX}")}
        except OSError as error:
            raise DiskError(f"{self._folder} cannot be read ({error.strerror or error}).") from error

    def _path(self, entry: Entry) -> Path:
        """:raises DiskError: the folder's own path leaves no room for a name."""
        ending = f"-{_digits(entry.job_id)}"
        try:
            stem = fitting_name(entry.name, self._folder, spare=len(ending))
        except ValueError as error:
            raise DiskError(f"{self._folder} cannot be written ({error}): choose another folder.") from error
        return self._folder / f"{stem}{ending}{_SUFFIX}"

    def _asset(self, entry: Entry, mesh: Path) -> Asset:
        return Asset(
            name=entry.name,
            mesh=mesh,
            order=entry.order,
            job_id=entry.job_id,
            remote_id=entry.remote_id,
            preview=entry.preview,
            catalogue=self._catalogue,
        )


def _digits(job_id: JobId) -> str:
    return job_id[:_DIGITS]


def _count(meshes: int) -> str:
    return "1 mesh has" if meshes == 1 else f"{meshes:,} meshes have"
