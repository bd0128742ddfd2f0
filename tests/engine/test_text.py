# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said to people is on one line, ends where it ends, and hides nothing."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenario_addon.engine.text import cells, clean, fitted, lacking, legible, sentences, shortened


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Too dark", "Too dark"),
        ("  two\n\n lines\t\x0b\x0c ", "two lines"),
        ("a\x1b[31mred\x1b[0m", "a[31mred[0m"),
        ("a\x07\x08\x00b\x7f\x9b", "ab"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("\u2066a\u2067b\u2068c\u2069\u202a\u202b\u202c\u202d\u200e\u200f\u061c", "abc"),
        ("ze\u200bro\u200c\u200d\u2060\ufeff wi\u00addth", "zero width"),
        ("a\u2028b\u2029c\u0085d", "a b c d"),
        ("\ue000private\U000f0000", "private"),
        ("half\ud800", "half"),
        ("not\u0378yet\U000e0001", "notyet"),
        ("a\u00a0b\u3000c", "a b c"),
        ("ein schöner Stuhl, 椅子 🪑", "ein schöner Stuhl, 椅子 🪑"),
        (" \u200b ", ""),
        ("", ""),
    ],
)
def test_a_strange_text_is_shown_without_what_deceives(text: str, shown: str) -> None:
    assert clean(text, longest=100) == shown


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=60))
def test_nothing_that_controls_or_hides_is_left_in_any_text(text: str) -> None:
    shown = clean(text, longest=40)
    kinds = {unicodedata.category(char) for char in shown}
    assert not kinds & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert len(shown) <= 40
    assert shown == " ".join(shown.split())
    assert clean(shown, longest=40) == shown


def test_a_text_that_is_too_long_ends_with_an_ellipsis() -> None:
    assert clean("word " * 100, longest=12) == "word word w…"
    assert len(clean("x" * 10_000_000, longest=4_000)) == 4_000


def test_a_list_shows_the_first_five_hundred_characters() -> None:
    assert shortened("x" * 500) == "x" * 500
    assert shortened("x" * 501) == "x" * 499 + "…"


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (("Too dark", "Use a brighter picture"), "Too dark. Use a brighter picture"),
        (("Too dark.", "Use a brighter picture."), "Too dark. Use a brighter picture."),
        (("Really?", "No!", "Then"), "Really? No! Then"),
        (('It said "no."', "Try again."), 'It said "no." Try again.'),
        (("It said “no.”", "Try again."), "It said “no.” Try again."),
        (('It said "no"', "Try again."), 'It said "no". Try again.'),
        (("(Too dark.)", "Try again."), "(Too dark.) Try again."),
        (("Too dark (HTTP 400)", "Try again."), "Too dark (HTTP 400). Try again."),
        (("Too dark…", "Try again."), "Too dark… Try again."),
        (("太暗。", "Try again."), "太暗。 Try again."),
        (("Too dark: ", "Try again."), "Too dark. Try again."),
        (("Too dark", None), "Too dark"),
        ((None, "Use a brighter picture"), "Use a brighter picture"),
        ((None, "", "  "), ""),
        ((), ""),
    ],
)
def test_a_sentence_ends_before_the_next_one_begins(parts: tuple[str | None, ...], told: str) -> None:
    assert sentences(*parts) == told


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("my  texture.png", "my  texture.png"),
        ("astronaut 👩\u200d🚀.png", "astronaut 👩\u200d🚀.png"),
        ("chair\u202egnp.glb", "chairgnp.glb"),
        ("a\x1b\n\u2028\u200bb.png", "ab.png"),
    ],
)
def test_a_name_is_kept_but_for_what_deceives(name: str, kept: str) -> None:
    assert legible(name) == kept


@pytest.mark.parametrize(
    ("flaws", "told"),
    [
        ((), ""),
        (("without a",), "It comes without a."),
        (("without a, which is missing", "without b"), "It comes without a, which is missing, and without b."),
        (
            tuple("without " + c for c in "abcde"),
            "It comes without a, and without b, and without c, and without 2 more of its parts.",
        ),
        (("without\x1b[2J a",), "It comes without[2J a."),
    ],
)
def test_what_is_lacking_is_told_in_a_sentence(flaws: tuple[str, ...], told: str) -> None:
    assert lacking("It comes", flaws) == told


@pytest.mark.parametrize(
    ("text", "columns"), [("chair", 5), ("", 0), ("größe", 5), ("gro\u0308ße", 5), ("椅子", 4), ("ｶﾅ", 2), ("🪑 a", 4)]
)
def test_east_asian_letters_and_emoji_take_two_columns(text: str, columns: int) -> None:
    assert cells(text) == columns
    assert fitted(text, columns) == text


@given(st.text(), st.integers(0, 20))
def test_what_is_fitted_is_a_beginning_that_fits(text: str, most: int) -> None:
    part = fitted(text, most)
    assert text.startswith(part) and cells(part) <= most
    assert part == text or cells(text[: len(part) + 1]) > most
