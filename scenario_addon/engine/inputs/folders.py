# SPDX-License-Identifier: GPL-3.0-or-later
"""Which pictures an IMAGE of the command line stands for: itself, those of a folder, or those that a pattern matches.

The order is always the same: of a folder its own pictures first, then those of its subfolders; numbers in names count
as numbers, so that ``frame-2`` comes before ``frame-10``. Blocks as long as the disk does. Any thread.
"""

from __future__ import annotations

import fnmatch
import os
import re
import stat
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ..errors import InputError
from ..files import is_folder, is_same_place

__all__ = ["Finder", "Found", "natural"]

_MAGIC: Final = re.compile(r"[*?\[]")
_ANY_DEPTH: Final = "**"
_NAMED: Final = 3
"""So many of the files that are left out are named."""
_HIDDEN: Final[int] = getattr(stat, "FILE_ATTRIBUTE_HIDDEN", 0)


@dataclass(frozen=True, slots=True)
class Found:
    """A picture."""

    path: Path
    folder: Path = Path()
    """Below the folder that was given: its result goes there below the output folder, too."""


@dataclass(slots=True)
class Finder:
    """:param is_picture: whether a file is one; what it cannot read is left for the check of the pictures to tell.

    :param elsewhere: folders that are not looked into unless they are what was given, such as the output folder.
    """

    is_picture: Callable[[Path], bool]
    elsewhere: Collection[Path] = ()
    but: Collection[Path] = ()
    """Files that are nobody's to send, such as what an earlier run of the same has drawn."""
    notices: list[str] = field(default_factory=list[str])
    """What was left out, a sentence for each folder or pattern."""
    _left_out: list[str] = field(default_factory=list[str], init=False)

    def find(self, text: str) -> list[Found]:
        """The pictures that are meant; a path that leads nowhere is given as it is.

        :raises InputError: an empty path, no picture where several may be, a folder that cannot be read.
        """
        if not text:
            raise InputError("An empty path is a folder, the current one: write . if it is meant, or give a picture.")
        self._left_out = []
        path = Path(text)
        if is_folder(path):
            found = list(self._in_folder(path))
        elif os.path.lexists(path) or not _MAGIC.search(text):
            return [Found(path)]
        else:
            found = self._matched(path)
        if self._left_out:
            self.notices.append(_notice(text, self._left_out))
        if not found:
            what = "is a folder without any picture" if is_folder(path) else "matches no picture"
            raise InputError(f"{text} {what}: give a picture, or a folder or a pattern of some.")
        return found

    def _in_folder(self, root: Path) -> Iterator[Found]:
        for folder in self._folders(root):
            for entry in _entries(folder):
                if _is_folder(entry):
                    continue
                path = Path(entry.path)
                if self._is_wanted(path, is_hidden=_is_hidden(entry)):
                    yield Found(path, folder.relative_to(root))

    def _folders(self, root: Path) -> Iterator[Path]:
        """A folder and those below it, each once, wherever links lead."""
        seen = {_identity(path) for path in self.elsewhere} - {_identity(root)}
        waiting = [root]
        while waiting:
            folder = waiting.pop()
            if (identity := _identity(folder)) in seen:
                continue
            seen.add(identity)
            yield folder
            below = [Path(entry.path) for entry in _entries(folder) if _is_folder(entry) and not _is_hidden(entry)]
            waiting += reversed(below)

    def _matched(self, pattern: Path) -> list[Found]:
        """What a shell would have made of a pattern; files that are no pictures are left out."""
        anchor = Path(pattern.anchor)
        parts = pattern.parts[1:] if pattern.anchor else pattern.parts
        if parts[-1] == _ANY_DEPTH:
            parts = (*parts, "*")
        found: list[Found] = []
        for path in sorted(set(self._matches(anchor, parts)), key=lambda path: [natural(part) for part in path.parts]):
            if not path.is_dir():
                found += [Found(path)] if self._is_wanted(path, is_hidden=False) else []
            elif _ANY_DEPTH not in parts:  # which finds what is in the folder by itself
                found += self._in_folder(path)
        return found

    def _matches(self, base: Path, parts: Sequence[str]) -> Iterator[Path]:
        if not parts:
            yield base
            return
        part, rest = parts[0], parts[1:]
        if part == _ANY_DEPTH:
            for folder in self._folders(base) if base.is_dir() else ():
                yield from self._matches(folder, rest)
        elif _MAGIC.search(part):
            for entry in _entries(base) if base.is_dir() else ():
                is_shown = part.startswith(".") or not _is_hidden(entry)
                if is_shown and fnmatch.fnmatch(entry.name, part):
                    yield from self._matches(base / entry.name, rest)
        elif os.path.lexists(base / part):
            yield from self._matches(base / part, rest)

    def _is_wanted(self, path: Path, *, is_hidden: bool) -> bool:
        if any(is_same_place(path, ours) for ours in self.but):
            return False
        try:
            is_wanted = not is_hidden and path.is_file() and self.is_picture(path)
        except OSError:
            is_wanted = True  # the check of the pictures says what is wrong with it
        if not is_wanted:
            self._left_out.append(path.name)
        return is_wanted


def natural(name: str) -> list[tuple[int, str]]:
    """A key that sorts names as people count: ``frame-2`` before ``frame-10``; capitals make no difference."""
    stem, suffix = os.path.splitext(name)  # noqa: PTH122  # of a name, which "." is as well
    pieces = re.split(r"([0-9]+)", stem)
    key = [(int(piece), "") if number % 2 else (-1, piece.casefold()) for number, piece in enumerate(pieces)]
    return [*key, (-2, suffix.casefold()), (-2, name)]


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What is in a folder, in order.

    :raises InputError: it cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: natural(entry.name))
    except OSError as error:
        raise InputError(f"The folder {folder} cannot be read ({error.strerror}): check its permissions.") from error


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # such as a link to itself
        return False


def _is_hidden(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith("."):
        return True
    if not _HIDDEN or os.name != "nt":
        return False
    attributes: int = getattr(entry.stat(follow_symlinks=False), "st_file_attributes", 0)
    return bool(attributes & _HIDDEN)


def _identity(folder: Path) -> str:
    return os.path.normcase(os.path.realpath(folder))


def _notice(text: str, names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED]) + (" ..." if len(names) > _NAMED else "")
    files = "1 file is" if len(names) == 1 else f"{len(names):,} files are"
    return f"{text}: {files} hidden or no picture that can be sent, and left out: {shown}."
