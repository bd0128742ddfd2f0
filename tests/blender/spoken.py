# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender in another language, which the module has none of: our words, and Blender's part of drawing them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest
from texts import texts_of

from scenario_addon.blender.words import language
from scenario_addon.engine.words.words import Words
from tests.blender import fake_layout

__all__ = ["ODD", "left_in_english", "spoken"]

_PLACE_OR_LETTER = re.compile(r"(\{[a-z_]+\d*\})|([a-z])")


def _odd(text: str) -> str:
    """A text in letters that no English has, but for its places."""
    return _PLACE_OR_LETTER.sub(lambda found: found[1] or chr(ord(found[2]) - ord("a") + 0x430), text)


@cache
def ODD() -> Words:  # noqa: N802
    """A language that is spoken nowhere, into which every text is translated."""
    return Words({text: _odd(text) for text in texts_of()})


def left_in_english(texts: list[str], names: str) -> set[str]:
    """Texts in which words are left that are not names.

    :param names: what may be read in any language: models, files, what somebody typed.
    """
    known = set(re.findall(r"[A-Za-z]*[a-z]{2,}", names))
    return {text for text in texts if set(re.findall(r"[A-Za-z]*[a-z]{2,}", text)) - known}


@contextmanager
def spoken(words: Words, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Use Blender in a language."""
    with monkeypatch.context() as patch:
        patch.setattr(language, "_words", lambda preference="": words)
        fake_layout.KNOWN.update(words.static())
        yield
    fake_layout.KNOWN.clear()
