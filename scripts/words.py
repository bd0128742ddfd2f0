# SPDX-License-Identifier: GPL-3.0-or-later
"""What the interface says, and in which languages.

python3 scripts/words.py extract            every text of the source, with where it stands
python3 scripts/words.py missing de_DE      what a catalogue lacks, as JSON with nothing behind each text
python3 scripts/words.py add de_DE FILE     put translations from a file like that into the catalogue
python3 scripts/words.py check              what is missing, left over, or has other placeholders
python3 scripts/words.py tidy               take what is left over out of the catalogues, and sort them
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from texts import placeholders, texts_of

__all__ = ["CATALOGUES", "LOCALES", "catalogue_of", "main", "problems"]

LOCALES: Final = ("de_DE", "es", "fr_FR", "ja_JP", "zh_HANS")
"""As Blender calls them."""
_ROOT: Final = Path(__file__).resolve().parents[1]
CATALOGUES: Final = _ROOT / "scenario_addon" / "engine" / "words"
_BLENDER_MODULE: Final = _ROOT / ".envs" / "bpy-4.2" / "bin" / "python"
_WIDTHS: Final = "tests/blender/words/test_widths.py"


def catalogue_of(locale: str) -> dict[str, str]:
    """The translations of one language, by the text."""
    path = CATALOGUES / f"{locale}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def problems(catalogue: Mapping[str, str], texts: Collection[str]) -> list[str]:
    """What is wrong with a catalogue, a line each."""
    found = [f"missing: {text}" for text in texts if not catalogue.get(text, "").strip()]
    for text, translation in catalogue.items():
        if text not in texts:
            found.append(f"left over: {text}")
        elif translation.strip() and placeholders(text) != placeholders(translation):
            found.append(f"other placeholders: {text} -> {translation}")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says. 1 where a catalogue is not as it should be."""
    parser = argparse.ArgumentParser(description="What the interface says, and in which languages.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("extract", help="every text, with where it stands")
    commands.add_parser("missing", help="what a catalogue lacks, as JSON").add_argument("locale", choices=LOCALES)
    adding = commands.add_parser("add", help="put translations into a catalogue")
    adding.add_argument("locale", choices=LOCALES)
    adding.add_argument("file", type=Path, help='JSON: {"text": "translation"}')
    commands.add_parser("check", help="what is missing, left over, or has other placeholders")
    measuring = commands.add_parser("widths", help="what does not fit where it stands in a sidebar")
    measuring.add_argument("locale", choices=LOCALES)
    commands.add_parser("tidy", help="take out what is left over")
    given = parser.parse_args(arguments)
    if given.command == "widths":
        return subprocess.call(
            [_BLENDER_MODULE, "-m", "pytest", "-q", "--tb=short", _WIDTHS, "-k", given.locale], cwd=_ROOT
        )
    texts = texts_of()
    match given.command:
        case "extract":
            print(_as_json({text: ", ".join(entry.places) for text, entry in texts.items()}))
        case "missing":
            known = catalogue_of(given.locale)
            print(_as_json({text: "" for text in texts if not known.get(text)}))
        case "add":
            return _add(given.locale, json.loads(given.file.read_text(encoding="utf-8")), texts)
        case "tidy":
            for locale in LOCALES:
                _write(locale, {text: told for text, told in catalogue_of(locale).items() if text in texts})
        case _:
            return _check(texts)
    return 0


def _check(texts: Collection[str]) -> int:
    found = {locale: problems(catalogue_of(locale), texts) for locale in LOCALES}
    for locale, wrong in found.items():
        for problem in wrong:
            print(f"{locale}: {problem}")
        print(f"{locale}: {len(texts)} texts, {len(wrong)} problems")
    return 1 if any(found.values()) else 0


def _add(locale: str, new: Mapping[str, str], texts: Collection[str]) -> int:
    """Put in what fits, and say what does not."""
    wrong = [problem for problem in problems(new, texts) if not problem.startswith("missing")]
    refused = {problem.partition(": ")[2].partition(" -> ")[0] for problem in wrong}
    fitting = {text: told for text, told in new.items() if told.strip() and text not in refused}
    known = catalogue_of(locale) | fitting
    _write(locale, known)
    for problem in wrong:
        print(f"{locale}: {problem}", file=sys.stderr)
    print(f"{locale}: {len(fitting)} put in, {sum(text not in known for text in texts)} missing")
    return 1 if wrong else 0


def _write(locale: str, catalogue: Mapping[str, str]) -> None:
    path = CATALOGUES / f"{locale}.json"
    path.write_text(f"{_as_json(dict(sorted(catalogue.items())))}\n", encoding="utf-8", newline="\n")


def _as_json(texts: Mapping[str, str]) -> str:
    """One line an entry, so that a change of one is a change of one line."""
    return json.dumps(texts, ensure_ascii=False, indent=0) if texts else "{}"


if __name__ == "__main__":
    sys.exit(main())
