# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender is told our words in the language that it is used in, and no others; a change of it takes effect at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scenario_addon.blender.layout import wrapping
from scenario_addon.blender.layout.breaking import units
from scenario_addon.blender.words import language
from scenario_addon.engine.words import words
from scenario_addon.engine.words.words import Words
from tests.blender.fake_layout import FakeLayout, in_sidebar

ROOT = Path(__file__).resolve().parents[3]
GERMAN = Words({"Nothing was done.": "Nichts geschah.", "{count} changed": "{count} anders"}, "de_DE")


class Blender:
    """``bpy`` in a language, with what it has been given to translate."""

    def __init__(self) -> None:
        self.given: dict[str, Any] = {}
        translations = SimpleNamespace(
            locale="de_DE", register=self.given.__setitem__, unregister=self.given.__delitem__
        )
        self.app = SimpleNamespace(translations=translations)
        view = SimpleNamespace(use_translate_interface=True, use_translate_tooltips=True, use_translate_reports=True)
        self.context = SimpleNamespace(preferences=SimpleNamespace(view=view))


@pytest.fixture
def blender(monkeypatch: pytest.MonkeyPatch) -> Iterator[Blender]:
    fake = Blender()
    monkeypatch.setattr(language, "bpy", fake)
    monkeypatch.setattr(words, "of_locale", lambda locale: GERMAN if locale == "de_DE" else None)
    yield fake
    language.close()


def test_blender_is_given_the_language_in_use_alone_and_nothing_for_english(blender: Blender) -> None:
    assert language.follow()
    ((locale, given),) = blender.given["scenario_addon"].items()
    assert locale == "de_DE"
    assert given["*", "Nothing was done"] == given["Operator", "Nothing was done"] == "Nichts geschah"
    assert not language.follow()
    blender.app.translations.locale = "en_US"
    assert language.follow()
    assert blender.given == {}


def test_a_language_without_a_catalogue_is_english(blender: Blender) -> None:
    blender.app.translations.locale = "sw"
    assert language.follow()
    assert blender.given == {}
    assert language.translated("3 changed") == "3 changed"


@pytest.mark.parametrize(
    ("preference", "call"),
    [
        ("use_translate_interface", language.translated),
        ("use_translate_tooltips", language.translated_tip),
        ("use_translate_reports", language.translated_report),
    ],
)
def test_what_the_preferences_want_in_english_stays_so(blender: Blender, preference: str, call: Any) -> None:
    assert call("3 changed") == "3 anders"
    setattr(blender.context.preferences.view, preference, False)
    assert call("3 changed") == "3 changed"


def test_the_module_has_no_languages_and_stays_english() -> None:
    assert language.locale() == "en_US"
    assert language.translated("Nothing was done.") == "Nothing was done."


def test_in_english_no_catalogue_is_loaded() -> None:
    code = """
import os, sys
import scenario_addon
scenario_addon.register()
from scenario_addon.blender.words.language import translated
translated("Nothing was done.")
print("scenario_addon.engine.words" in sys.modules, flush=True)
os._exit(0)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.split()[-1] == "False", done.stderr


def test_a_line_of_chinese_ends_between_characters_and_none_begins_with_a_mark() -> None:
    parts = list(units("\u8bf7\u7a0d\u7b49\uff1aTripo 3.1\u5728\u505a\u3002"))
    assert parts == [
        ("\u8bf7", " "),
        ("\u7a0d", ""),
        ("\u7b49\uff1a", ""),
        ("Tripo", ""),
        ("3.1", " "),
        ("\u5728", ""),
        ("\u505a\u3002", ""),
    ]


def test_a_long_sentence_of_japanese_takes_as_many_lines_as_it_needs() -> None:
    layout, text = FakeLayout(), "\u30e1\u30c3\u30b7\u30e5\u3092\u4f5c\u308b\u3002" * 20
    with in_sidebar():
        wrapping.draw_sentence(layout, text, icon="NONE")  # pyright: ignore[reportArgumentType]
        room_px = wrapping.region_px()
        assert len(layout.texts) > 2
        assert all(wrapping.text_px(line) < room_px for line in layout.texts)
    assert "".join(layout.texts) == text


def test_the_full_stop_of_a_single_sentence_goes_in_any_script() -> None:
    assert wrapping.without_stop("\u3042\u3002") == "\u3042"
    assert wrapping.without_stop("\u3042\u3002\u3044\u3002") == "\u3042\u3002\u3044\u3002"
