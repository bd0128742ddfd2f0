# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written can be read: by a person at a terminal, by a program from a pipe or a file."""

from __future__ import annotations

import errno
import io
import sys
from typing import Any

import pytest

from scenario_addon.engine.terminal.streams import is_left, make_legible

NAME = "größe 椅子 🪑.png"


class Stream(io.TextIOWrapper):
    """Standard output in the code page of western Windows."""

    def __init__(self, *, is_terminal: bool) -> None:
        self.raw_bytes = io.BytesIO()
        self.is_terminal = is_terminal
        super().__init__(self.raw_bytes, encoding="cp1252", errors="strict", write_through=True)

    def isatty(self) -> bool:
        return self.is_terminal


def written(text: str, *, is_terminal: bool) -> bytes:
    stream = Stream(is_terminal=is_terminal)
    make_legible(stream)
    stream.write(text)
    return stream.raw_bytes.getvalue()


def test_a_terminal_shows_what_it_can() -> None:
    assert written(NAME, is_terminal=True).decode("cp1252") == "größe \\u6905\\u5b50 \\U0001fa91.png"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (NAME, NAME.encode()),
        ("\udcff.png", b"\xff.png"),  # as Linux gives a name that is no UTF-8
        ("half \ud83e", b"half \\ud83e"),
    ],
)
def test_a_pipe_gets_names_as_they_are_on_the_disk(text: str, expected: bytes) -> None:
    assert written(text, is_terminal=False) == expected


def test_a_reader_that_has_gone_is_known_by_the_words_of_each_system(monkeypatch: pytest.MonkeyPatch) -> None:
    argument, of_a_file = OSError(errno.EINVAL, "Invalid argument"), OSError(errno.EINVAL, "Invalid argument", "a|b")
    broken = OSError(errno.EPIPE, "Broken pipe")
    for platform, expected in (("linux", [True, False, False]), ("win32", [True, True, False])):
        monkeypatch.setattr(sys, "platform", platform)
        assert [is_left(error) for error in (broken, argument, of_a_file)] == expected


@pytest.mark.parametrize("stream", [io.StringIO(), object()])
def test_a_stream_of_somebody_else_is_left_alone(stream: Any) -> None:
    make_legible(stream)
