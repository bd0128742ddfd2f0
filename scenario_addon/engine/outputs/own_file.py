# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that a command writes at its end, and nobody else.

What is there is never overwritten, unless an earlier run has written it and nobody has changed it since: so the same
command can be run again, after an interruption or for what had failed.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ClassVar

from ..errors import DiskError, InputError
from ..files import discard, is_folder, is_same_place, is_there, make_private_folder, publish, replace, write_whole
from ..names import numbered, token

__all__ = ["InOneFile", "OwnFile"]


class OwnFile:
    """:param option: the command line's, that names it.

    :param suffix: what its name has to end in.
    :param records: a folder of the state's, where it is kept what was written.
    """

    def __init__(self, path: Path, *, option: str, suffix: str, records: Path) -> None:
        self.path = path.absolute()
        self._option, self._suffix = option, suffix
        self._record = records / token(str(self.path))

    def check(self, *, inputs: Iterable[Path]) -> None:
        """Find out whether it may be written.

        :param inputs: the files that are to be read.
        :raises InputError: it may not; the sentence says why.
        """
        if self.path.suffix.lower() != self._suffix:
            raise InputError(f"{self._option} {self.path}: give a file that ends in {self._suffix}.")
        if any(is_same_place(path, self.path) for path in inputs):
            raise InputError(f"{self._option} {self.path} is what is read: give another file.")
        if is_folder(self.path):
            raise InputError(f"{self._option} {self.path} is a folder: give the name of a file.")
        if is_there(self.path) and not self._is_ours():
            raise InputError(f"{self._option} {self.path} is already there: move it away or give another file.")

    @contextmanager
    def draft(self) -> Generator[Path, None, None]:
        """Give a path in the same folder to write to, for :meth:`publish`. What is there afterwards is removed.

        :raises DiskError: the block did, of the draft; it speaks of the file instead, whose name people know.
        """
        part = self.path.with_name(f".{uuid.uuid4().hex}{self._suffix}")
        try:
            yield part
        except DiskError as error:
            raise DiskError(error.user_message.replace(str(part), str(self.path))) from error
        finally:
            discard(part)

    def publish(self, part: Path) -> Path:
        """Give a draft the file's name, or a numbered one where somebody has written another one meanwhile.

        :raises DiskError: it cannot be done.
        """
        try:
            digest = _digest(part)
            if self.path.exists() and self._is_ours():
                replace(part, self.path)
                path = self.path
            else:
                path = publish(part, numbered(self.path))
        except OSError as error:
            raise DiskError(f"{self.path} could not be written: {error.strerror or error}.") from error
        if path == self.path:
            with suppress(OSError):  # without it nothing will overwrite the file
                make_private_folder(self._record.parent)
                write_whole(self._record, digest.encode(), is_private=True)
        return path

    def _is_ours(self) -> bool:
        """Whether the file is as an earlier run has written it."""
        try:
            return self._record.read_text(encoding="ascii") == _digest(self.path)
        except (OSError, ValueError):
            return False


class InOneFile:
    """What is written of a whole run into one file.

    :param path: of the file.
    :param state: the folder of the ledger.
    """

    option: ClassVar[str]
    """The command line's, that asks for it."""
    suffix: ClassVar[str]
    """What the file's name has to end in."""
    records: ClassVar[str]
    """The folder in the state where it is kept what was written."""

    def __init__(self, path: Path, state: Path) -> None:
        self._file = OwnFile(path, option=self.option, suffix=self.suffix, records=state / self.records)

    @property
    def place(self) -> tuple[Path, str]:
        """The folder that is written to, and the file's name there."""
        return self._file.path.parent, self._file.path.name

    def check(self, *, inputs: Iterable[Path]) -> None:
        """See :meth:`OwnFile.check`."""
        self._file.check(inputs=inputs)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
