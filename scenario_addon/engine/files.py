# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing, replacing and removing files that others look at: whole, with patience, and never through a link.

Virus scanners, synchronized folders and indexers hold a file for milliseconds to seconds, and Windows then refuses to
rename or remove it. Blocks for up to three seconds in that case, otherwise no longer than the disk. Any thread.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
import unicodedata
import uuid
from collections.abc import Callable, Collection, Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final, TypeVar

__all__ = [
    "create",
    "discard",
    "is_folder",
    "is_same_place",
    "is_there",
    "make_private_folder",
    "open_kept",
    "probe",
    "publish",
    "remove",
    "replace",
    "spare_folder",
    "whole",
    "write_whole",
]

T = TypeVar("T")

_PAUSES_S: Final = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.4, 0.5, 0.5)
"""Between ten tries."""
_HELD: Final = frozenset({errno.EACCES, errno.EPERM, errno.EBUSY, errno.ETXTBSY})
"""What a file answers that somebody else holds; Windows knows only the first."""
_HELD_FOR_A_LINK: Final = _HELD - {errno.EPERM}
"""EPERM says that the file system has no hard links."""
_NO_FOLLOW: Final[int] = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_LONGEST_NAME: Final = 1024
_OWN_FILE: Final = 0o600
_OWN_FOLDER: Final = 0o700


def replace(source: Path, target: Path) -> None:
    """Give a file another name, in place of what has it.

    :raises OSError: it cannot be done, also not some seconds later.
    """
    _insist(lambda: source.replace(target))


def remove(path: Path) -> None:
    """Remove a file, if it is there.

    :raises OSError: it cannot be done, also not some seconds later.
    """
    with suppress(FileNotFoundError):
        _insist(path.unlink)


def discard(path: Path) -> None:
    """Remove a file that is of no use any more, if it is there; one that cannot be removed stays."""
    with suppress(OSError):
        remove(path)


def publish(part: Path, names: Iterable[Path]) -> Path:
    """Give a whole file the first of ``names`` that nobody has, however many processes do this at once.

    Where the file system has hard links, ``part`` stays as its second name: whoever dies before the first is written
    down finds by the second that it has been given. Elsewhere the name is reserved first, by a file that says for
    which ``part``, so that whoever dies in between finds it again.

    :raises OSError: it cannot be done, also not some seconds later.
    """
    for path in names:
        try:
            _insist(lambda path=path: os.link(part, path), held=_HELD_FOR_A_LINK)
            return path
        except FileExistsError:
            if path.is_symlink():
                continue
            if path.samefile(part):
                return path
            is_ours = _is_reserved(path, part)
        except OSError:  # a file system without hard links
            is_ours = _reserve(path, part)
        if is_ours:
            _take_reserved(path, part)
            return path
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(part))


def create(path: Path, *, is_private: bool = False) -> IO[bytes]:
    """Open a new file for writing; one that is there, or a link of that name, is never written to.

    :param is_private: readable by its owner alone, from the moment it exists; so is any file in a folder that is.
    :raises OSError: it is there, or cannot be made.
    """
    mode = _OWN_FILE if is_private else _usual_mode(path.parent)
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _NO_FOLLOW, mode), "w+b")


def open_kept(path: Path, *, is_private: bool = False) -> IO[bytes]:
    """Open a file of ours for going on with it, or make it; never what a link leads to.

    :param is_private: as for :func:`create`, if it is made.
    :raises OSError: a link is in its place, or it cannot be written.
    """
    if path.is_symlink():  # where the system cannot refuse it in the same instant
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    mode = _OWN_FILE if is_private else _usual_mode(path.parent)
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | _NO_FOLLOW, mode), "r+b")


@contextmanager
def whole(path: Path, *, is_private: bool = False, part: Path | None = None) -> Generator[IO[bytes], None, None]:
    """Give a file to write that takes a name, in place of what has it, once the block has ended well.

    Who may read and write what is there stays as it is.

    :param is_private: its owner alone.
    :param part: what it is called until then; nobody else's. ``None``: anything.
    :raises OSError: it cannot be written; nothing is left behind.
    """
    part = part or path.with_name(f".{uuid.uuid4().hex}.part")  # of a length that fits beside any name
    try:
        with create(part, is_private=is_private) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if not is_private and path.exists():
            with suppress(OSError):  # some file systems of a network know no rights
                shutil.copymode(path, part)
        replace(part, path)
    except BaseException:
        discard(part)
        raise


def write_whole(path: Path, data: bytes, *, is_private: bool = False) -> None:
    """Write a file that is there whole or as it was before. See :func:`whole`.

    :raises OSError: it cannot be written; nothing is left behind.
    """
    with whole(path, is_private=is_private) as file:
        file.write(data)


def probe(folder: Path, name: str = "") -> None:
    """Find out whether a folder can be written, by a file that goes again.

    Not by ``tempfile``, which on Windows tries for hours in a folder that it may not write to.

    :param folder: made if need be.
    :param name: as long as the longest that will be needed there.
    :raises OSError: it cannot, or the name is too long.
    """
    folder.mkdir(parents=True, exist_ok=True)
    token, rest = uuid.uuid4().hex, name
    while rest and len((token + rest).encode()) > len(name.encode()):
        rest = rest[1:]
    path = folder / (token + rest)
    create(path).close()
    remove(path)


@contextmanager
def spare_folder(folder: Path) -> Generator[Path, None, None]:
    """Make a folder inside ``folder`` that only its owner can look into, and that is gone again afterwards.

    Not by ``tempfile``, see :func:`probe`.

    :raises OSError: it cannot be made.
    """
    spare = folder / uuid.uuid4().hex
    spare.mkdir(mode=_OWN_FOLDER)
    try:
        yield spare
    finally:
        shutil.rmtree(spare, ignore_errors=True)


def make_private_folder(folder: Path) -> None:
    """Make a folder that its owner alone can look into, if it is not there yet.

    :raises OSError: it cannot be made.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=_OWN_FOLDER, exist_ok=True)


def is_folder(path: Path) -> bool:
    """Whether a folder is there; unlike ``Path.is_dir`` it never fails, such as for a name that is too long."""
    return os.path.isdir(path)  # noqa: PTH112


def is_there(path: Path) -> bool:
    """Whether anything is there, as :func:`is_folder` does."""
    return os.path.exists(path)  # noqa: PTH110


def is_same_place(one: Path, other: Path) -> bool:
    """Whether two paths lead to the same file or folder, whatever their spelling: capitals, accents, links."""
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there: then the words have to do
        return _spelled(one) == _spelled(other)


def _spelled(path: Path) -> str:
    return os.path.normcase(os.path.normpath(unicodedata.normalize("NFC", str(path.absolute()))))


def _usual_mode(folder: Path) -> int:
    """For a file that is as private as its folder."""
    return 0o666 if folder.stat().st_mode & 0o077 else _OWN_FILE


def _reserve(path: Path, part: Path) -> bool:
    """Take a name; says whether it was free, or taken for the same file before."""
    try:
        with create(path) as file:
            file.write(part.name.encode())
    except FileExistsError:
        return _is_reserved(path, part)
    return True


def _is_reserved(path: Path, part: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST_NAME) == part.name.encode()
    except OSError:  # a folder, or nobody's business
        return False


def _take_reserved(path: Path, part: Path) -> None:
    try:
        replace(part, path)
    except OSError:
        discard(path)
        raise


def _insist(action: Callable[[], T], *, held: Collection[int] = _HELD) -> T:
    for pause_s in _PAUSES_S:
        try:
            return action()
        except OSError as error:
            if error.errno not in held:
                raise
        time.sleep(pause_s)
    return action()
