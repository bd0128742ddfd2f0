# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts of the interface are found in the source, and the catalogues are held against them."""

from __future__ import annotations

from pathlib import Path

import pytest
import words
from texts import texts_of

TEXTS = texts_of()


def _found(tmp_path: Path, source: str, *, where: str = "blender/ui/panel.py") -> set[str]:
    path = tmp_path / where
    path.parent.mkdir(parents=True)
    path.write_text(source, encoding="utf-8")
    return set(texts_of(tmp_path))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("raise ConfigError('There is no key: create one.')", "There is no key: create one."),
        ("raise ConfigError(f'{path.name} is empty: choose another.')", "{path_name} is empty: choose another."),
        ("a = f'{one.name} and {two.name}'", "{one_name} and {two_name}"),
        ("a = f'from {amount(low_cu)} to {amount(low_cu)} CU'", "from {low_cu} to {low_cu2} CU"),
        ("layout.label(text='Again')", "Again"),
        ("layout.label(text='Once' if n == 1 else 'Often')", "Often"),
        ("class SCENARIO_OT_a:\n    '''Do it now'''", "Do it now"),
        ("class A:\n    look: EnumProperty(items=(('CLAY', 'Clay', 'One grey', 0),))", "Clay"),
        ("a = {State.DONE: 'downloaded'}", "downloaded"),
        ("def f():\n    n = 'mesh' if a else 'picture'\n    return f'The {n} is there.'", "The picture is there."),
    ],
)
def test_a_text_is_found_wherever_it_stands(tmp_path: Path, source: str, text: str) -> None:
    assert text in _found(tmp_path, source)


@pytest.mark.parametrize(
    "source",
    [
        "log.warning('the ledger cannot be read: %s', error)",
        "_log.debug('asking for the price')",
        "a = re.compile('out of credits')",
        "'''What a module is for.'''",
        "db.execute('SELECT record FROM jobs')",
        "def f(a: 'dict of str') -> 'list of str': ...",
        "a = b['some key there']",
        "is_so = text == 'the whole answer'",
        "layout.label(icon='CHECKMARK')",
        "a = {'another key here': 1}",
        "check(text, reported='of a team')",
    ],
)
def test_what_nobody_reads_in_the_interface_is_no_text(tmp_path: Path, source: str) -> None:
    assert _found(tmp_path, source) == set()


def test_what_is_for_the_command_line_alone_is_no_text(tmp_path: Path) -> None:
    assert _found(tmp_path, "a = 'no such command there'", where="engine/cli/show.py") == set()


def test_what_is_only_put_into_sentences_is_no_text_by_itself(tmp_path: Path) -> None:
    source = "def f():\n    n, m = 'the mesh' if a else 'a picture', g()\n    return f'Show {n} now'"
    assert _found(tmp_path, source) == {"Show the mesh now", "Show a picture now"}


def test_of_a_text_with_and_without_its_full_stop_one_is_enough(tmp_path: Path) -> None:
    assert _found(tmp_path, "a = 'Asking for it'\nb = 'asking for it.'") == {"asking for it."}


@pytest.mark.parametrize(
    ("catalogue", "problem"),
    [
        ({}, "missing: {name} is empty"),
        ({"{name} is empty": " "}, "missing: {name} is empty"),
        ({"{name} is empty": "{nom} est vide"}, "other placeholders: {name} is empty -> {nom} est vide"),
        ({"{name} is empty": "{name} est vide", "Gone": "Parti"}, "left over: Gone"),
    ],
)
def test_what_is_wrong_with_a_catalogue_is_told(catalogue: dict[str, str], problem: str) -> None:
    assert words.problems(catalogue, {"{name} is empty"}) == [problem]


@pytest.mark.parametrize("locale", words.LOCALES)
def test_in_no_language_is_a_text_missing_or_left_over_or_has_other_places(locale: str) -> None:
    assert words.problems(words.catalogue_of(locale), TEXTS) == []


def test_what_fits_is_put_into_a_catalogue_and_the_rest_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(words, "CATALOGUES", tmp_path)
    given = tmp_path / "given.json"
    given.write_text('{"Try Again": "Réessayer", "No Such Text": "?", "Refine {given_name}": "Raffiner"}', "utf-8")
    assert words.main(["add", "fr_FR", str(given)]) == 1
    assert words.catalogue_of("fr_FR") == {"Try Again": "Réessayer"}
    assert "left over: No Such Text" in capsys.readouterr().err
