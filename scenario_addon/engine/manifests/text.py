# SPDX-License-Identifier: GPL-3.0-or-later
"""A text file of somebody's, piece by piece: in UTF-8 or, with a mark of its byte order, UTF-16. Any thread."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ..errors import InputError

__all__ = ["TextFile", "open_text"]

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Each mark before those that it begins with."""
_MOST_CHARACTERS: Final = 1 << 20
"""Of a line."""
_BLOCK_BYTES: Final = 1 << 16
_FIX: Final = 'save it as UTF-8, which Excel calls "CSV UTF-8"'


class TextFile:
    """:param text: without translation of line ends."""

    def __init__(self, path: Path, text: io.TextIOWrapper) -> None:
        self._path, self._text = path, text

    def read(self, count: int) -> str:
        """Read so many characters, fewer at the end.

        :raises InputError: they cannot be read, or are none.
        """
        return self._checked(lambda: self._text.read(count))

    def lines(self) -> Iterator[str]:
        """Each line with its end, as Unix, Windows or an old Mac writes it.

        :raises InputError: they cannot be read, are none, or one is too long to be meant.
        """
        number = 0
        while line := self._checked(lambda: self._text.readline(_MOST_CHARACTERS)):
            number += 1
            if len(line) == _MOST_CHARACTERS:
                raise InputError(f"{self._path}:{number}: the line has no end: give a file of rows.")
            yield line

    def _checked(self, read: Callable[[], str]) -> str:
        try:
            piece = read()
        except UnicodeError:
            raise InputError(
                f"{self._path} is not in UTF-8{_where(self._path, self._text.encoding)}: {_FIX}."
            ) from None
        except OSError as error:
            raise InputError(f"{self._path} cannot be read ({error.strerror}).") from error
        if "\0" in piece:
            raise InputError(f"{self._path} holds NUL bytes, so it is no text or another kind of it: {_FIX}.")
        return piece


@contextmanager
def open_text(path: Path) -> Generator[TextFile, None, None]:
    """Open a file for reading, by the mark that it begins with.

    :raises InputError: it is not there, or cannot be read.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise InputError(f"{path} does not exist: check the path.") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder: give a file.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{path} cannot be read ({reason}): check the path and its permissions.") from error
    with file, io.TextIOWrapper(file, encoding=_encoding(file.peek(4)), newline="") as text:
        yield TextFile(path, text)


def _encoding(head: bytes) -> str:
    return next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")


def _where(path: Path, encoding: str) -> str:
    """Where a file cannot be decoded, as `` (line 3)``; nothing where that cannot be told."""
    if not encoding.startswith("utf-8"):
        return ""
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    try:
        with path.open("rb") as file:
            while True:
                block = file.read(_BLOCK_BYTES)
                line += decoder.decode(block, final=not block).count("\n")
                if not block:
                    return ""
    except UnicodeDecodeError as error:
        lines_before = error.object[: error.start].count(b"\n")
        return f" (line {line + lines_before})"
    except OSError:
        return ""
