# SPDX-License-Identifier: GPL-3.0-or-later
"""A sentence is found in a catalogue, whatever names and numbers are in it, and names stay what they are."""

from __future__ import annotations

import json
import re

import pytest
from texts import texts_of
from words import CATALOGUES, LOCALES, catalogue_of

from scenario_addon.engine.words import words
from scenario_addon.engine.words.templates import has_places
from scenario_addon.engine.words.words import Words

TEXTS = texts_of()
MARKED = Words({text: f"<{text}>" for text in TEXTS})
"""A language in which every text stands in angle brackets."""
PLACE = re.compile(r"\{([a-z_]+\d*)\}")


def test_there_is_a_catalogue_for_each_language_and_they_are_as_blender_calls_them() -> None:
    assert words.LOCALES == LOCALES


def test_a_template_with_values_is_recognized_as_itself() -> None:
    wrong: set[str] = set()
    for template in filter(has_places, TEXTS):
        values = iter(range(1, 99))
        sentence = PLACE.sub(
            lambda place, values=values: f"{'' if place[1].endswith('_cu') else 'Q'}{next(values)}", template
        )
        wrong |= {template} if MARKED.translate(sentence) != f"<{sentence}>" else set()
    assert not wrong


def _sample(template: str) -> str:
    """A sentence made from it: what is Compute Units is a number."""
    values = iter(range(1, 99))
    return PLACE.sub(lambda place: f"{'' if place[1].endswith('_cu') else 'Q'}{next(values)}", template)


def test_a_text_without_values_is_recognized_as_itself() -> None:
    wrong = {text for text in TEXTS if not has_places(text) and MARKED.translate(text) != f"<{text}>"}
    assert not wrong


def test_the_places_for_phrases_and_lists_are_places_of_some_text() -> None:
    places = {place for text in TEXTS for place in PLACE.findall(text)}
    assert places >= words.PHRASES | words.LISTS


GERMAN = {
    "it is cut short": "sie ist abgeschnitten",
    "{name} cannot be read: {reason}.": "{name} ist nicht lesbar: {reason}.",
    "Mesh": "Netz",
    "front": "vorne",
    "watertight": "wasserdicht",
    "downloaded": "geladen",
    "is damaged: it has no faces": "ist beschädigt: keine Flächen",
    "The mesh comes": "Das Mesh kommt",
    "without its texture {image}": "ohne seine Textur {image}",
    "Nothing was done.": "Nichts geschah.",
    "{count} holes closed": "{count} Löcher geschlossen",
    "{order_name} is in the scene: {list}": "{order_name} ist in der Szene: {list}",
    "{left} CU left until {end}": "{left} CU übrig bis {end}",
    "{left}, {today_cu} spent today": "{left}, heute {today_cu} ausgegeben",
    "is damaged: type {kind} is unknown to {version}": "ist beschädigt: {version} kennt Typ {kind} nicht",
    "without its {words} texture, which is {why}": "ohne seine Textur {words} ({why})",
    "without {lost} faces": "ohne {lost} Flächen",
    "{day} Dec": "{day}. Dez.",
    "{name} takes {count} of {most}": "Von {most} nimmt {name} {count}",
    'Write it as {"steps": 30}.': 'So: {"steps": 30}.',
}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a.png cannot be read: it is cut short.", "a.png ist nicht lesbar: sie ist abgeschnitten."),
        ("a.png cannot be read: no such file.", "a.png ist nicht lesbar: no such file."),
        ("Mesh cannot be read: it is cut short.", "Mesh ist nicht lesbar: sie ist abgeschnitten."),
        ("It is cut short", "Sie ist abgeschnitten"),
        ("Nothing was done", "Nichts geschah"),
        ("Mesh", "Netz"),
        ("watertight, 3 holes closed", "wasserdicht, 3 Löcher geschlossen"),
        ("Watertight, 3 holes closed", "Wasserdicht, 3 Löcher geschlossen"),
        ("Chair: downloaded.", "Chair: geladen."),
        ("chair.glb is damaged: it has no faces.", "chair.glb ist beschädigt: keine Flächen."),
        (
            "The mesh comes without its texture a.png, and without its texture b.png.",
            "Das Mesh kommt ohne seine Textur a.png, ohne seine Textur b.png.",
        ),
        ("Mesh is in the scene: Mesh, watertight", "Mesh ist in der Szene: Mesh, wasserdicht"),
        ("40 CU left until 15 Dec", "40 CU übrig bis 15. Dez."),
        ("40 CU left until 15 Dec, 7 spent today", "40 CU übrig bis 15. Dez., heute 7 ausgegeben"),
        ("a.glb is damaged: type 5 is unknown to 7.", "a.glb ist beschädigt: 7 kennt Typ 5 nicht."),
        (
            "The mesh comes without its b texture, which is gone, and without 3 faces.",
            "Das Mesh kommt ohne seine Textur b (gone), ohne 3 Flächen.",
        ),
        ("Rodin takes 3 of 5", "Von 5 nimmt Rodin 3"),
        ("Nothing was done. Somebody else's words.", "Nichts geschah. Somebody else's words."),
        ('Write it as {"steps": 30}.', 'So: {"steps": 30}.'),
        ("{count} cannot be read: {name}.", "{count} ist nicht lesbar: {name}."),
        ("Chair: Mesh", "Chair: Mesh"),
        ("a chair by the window", "a chair by the window"),
        ("", ""),
        ("  Mesh ", "  Netz "),
    ],
)
def test_a_sentence_is_told_in_another_language_and_names_stay(text: str, told: str) -> None:
    assert Words(GERMAN, "de_DE").translate(text) == told


def test_chinese_sentences_have_their_own_marks() -> None:
    catalogue = {
        "Nothing was done.": "什么也没做。",
        "watertight": "水密",
        "{count} holes closed": "{count} 个洞已封闭",
    }
    chinese = Words(catalogue, "zh_HANS")
    assert chinese.translate("Nothing was done. Nothing was done") == "什么也没做。什么也没做"
    assert chinese.translate("watertight, 3 holes closed") == "水密\uff0c3 个洞已封闭"


def test_blender_is_given_what_has_no_values_in_every_form_that_is_drawn() -> None:
    assert dict(Words({"Nothing was done.": "Nichts.", "{a} is done": "{a}", "mesh": "Netz"}).static()) == {
        "Nothing was done.": "Nichts.",
        "Nothing was done": "Nichts",
        "nothing was done.": "Nichts.",
        "nothing was done": "Nichts",
        "mesh": "Netz",
        "mesh.": "Netz.",
        "Mesh": "Netz",
        "Mesh.": "Netz.",
    }


def test_a_language_without_a_catalogue_is_english() -> None:
    assert words.of_locale("sw") is None


@pytest.mark.parametrize("locale", LOCALES)
def test_catalogues_are_sorted_and_written_one_way(locale: str) -> None:
    text = (CATALOGUES / f"{locale}.json").read_text(encoding="utf-8")
    entries = dict(sorted(catalogue_of(locale).items()))
    assert text == (json.dumps(entries, ensure_ascii=False, indent=0) if entries else "{}") + "\n"
