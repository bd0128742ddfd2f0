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
        sentence = PLACE.sub(lambda place, values=values: _value(place[1], next(values)), template)
        wrong |= {template} if MARKED.translate(sentence) != f"<{sentence}>" else set()
    assert not wrong


def _value(place: str, number: int) -> str:
    """What may be put into a place: of Compute Units and of things a number."""
    if place == "hint":
        return f" (Q{number})"
    return f"{number}" if place.endswith("_cu") or place in ("count", "minutes", "hours", "seconds") else f"Q{number}"


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
    "Generate": "Erzeugen",
    "Nothing of {name} is seen": "{name} ist unsichtbar",
    "Open the page": "blender.org öffnen",
    "The proxy's address in the preferences": "Die Adresse in den Einstellungen",
    "{where} is no address: {like}": "{where} ist keine: {like}",
    "write it like a.com:8080": "wie a.com:8080 schreiben",
    "Generate {count}": "{count} erzeugen",
    "Generate {count} + {step_name}": "{count} erzeugen + {step_name}",
    "Generate {count} Meshes?": "{count} Netze erzeugen?",
    "It comes": "Es kommt",
    "{order_name} is in the scene,": "{order_name} ist in der Szene,",
    "without {lost} triangles": "ohne {lost} Dreiecke",
    "without its texture {image}, which is {image2}": "ohne seine Textur {image} ({image2})",
    "without {count} of its parts, which are damaged": "ohne {count} beschädigte Teile",
    "without a rig, which is damaged": "ohne sein beschädigtes Rig",
    "missing": "fehlt",
    "{name} is no parameter of {model_name}{hint}: see it.": "{model_name} kennt kein {name}{hint}: siehe dort.",
    "(did you mean {close}?)": "(gemeint: {close}?)",
    "in {due_in_s}": "nach {due_in_s}",
    "{minutes} min": "{minutes} Min.",
    "Asked for by {name}": "von {name} erbeten",
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
        ("Nothing of a.png is seen", "a.png ist unsichtbar"),
        ("Open the page", "blender.org öffnen"),
        (
            "The proxy's address in the preferences is no address: write it like a.com:8080.",
            "Die Adresse in den Einstellungen ist keine: wie a.com:8080 schreiben.",
        ),
        ("Generate 3 Meshes?", "3 Netze erzeugen?"),
        ("Generate 3 + Retopo", "3 erzeugen + Retopo"),
        (
            "It comes without 12 triangles, and without its texture a.png, which is missing.",
            "Es kommt ohne 12 Dreiecke, ohne seine Textur a.png (fehlt).",
        ),
        (
            "The mesh comes without its texture a.png, which is missing, "
            "and without 3 of its parts, which are damaged.",
            "Das Mesh kommt ohne seine Textur a.png (fehlt), ohne 3 beschädigte Teile.",
        ),
        (
            "The mesh comes without a rig, which is damaged, and without 3 triangles.",
            "Das Mesh kommt ohne sein beschädigtes Rig, ohne 3 Dreiecke.",
        ),
        ("Fox is in the scene, without 3 triangles.", "Fox ist in der Szene, ohne 3 Dreiecke."),
        (
            "sed is no parameter of Rodin 2 (did you mean seed?): see it.",
            "Rodin 2 kennt kein sed (gemeint: seed?): siehe dort.",
        ),
        ("sed is no parameter of Rodin 2: see it.", "Rodin 2 kennt kein sed: siehe dort."),
        ("in 5 min", "nach 5 Min."),
        ("Chair: Asked for by Ann", "Chair: Von Ann erbeten"),
        ("Asked for by Ann", "Von Ann erbeten"),
        ("a chair by the window", "a chair by the window"),
        ("", ""),
        ("  Mesh ", "  Netz "),
    ],
)
def test_a_sentence_is_told_in_another_language_and_names_stay(text: str, told: str) -> None:
    assert Words(GERMAN, "de_DE").translate(text) == told


def test_a_head_that_is_a_text_is_translated_be_it_one_word() -> None:
    assert Words(GERMAN, "de_DE").with_head("Front", "it is cut short") == "Vorne: sie ist abgeschnitten"


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
