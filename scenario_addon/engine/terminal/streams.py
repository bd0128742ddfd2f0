# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written to standard output and standard error: letters that a terminal shows, or that a program reads."""

from __future__ import annotations

import codecs
import errno
import os
import sys
from typing import Final, TextIO

__all__ = ["is_left", "is_live", "make_legible"]

_ERRORS: Final = "scenario.as_named"


def make_legible(stream: TextIO) -> None:
    """Have a stream take every text, however the system is set up.

    A terminal shows what it can, the rest as escapes. A file or another program gets UTF-8, and a path as the bytes
    that it has on the disk: a pipe on Windows is otherwise in the code page of the country, in which the paths of other
    countries cannot be said.
    """
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is None:  # a stream of somebody else's
        return
    if stream.isatty():
        reconfigure(errors="backslashreplace")
    else:
        codecs.register_error(_ERRORS, _as_named)
        reconfigure(encoding="utf-8", errors=_ERRORS)


def is_live(stream: TextIO) -> bool:
    """Whether what stands in the last line of a stream can be written over."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def is_left(error: OSError) -> bool:
    """Whether nobody reads any more what was to be written, as after ``| head``; Windows calls that an argument."""
    is_windows_word = sys.platform == "win32" and error.errno == errno.EINVAL and error.filename is None
    return isinstance(error, BrokenPipeError) or is_windows_word


def _as_named(error: UnicodeError) -> tuple[str | bytes, int]:
    try:
        return codecs.lookup_error("surrogateescape")(error)
    except UnicodeError:  # no byte of a name: half a letter, in somebody's words
        return codecs.backslashreplace_errors(error)
