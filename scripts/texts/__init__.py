# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the texts that can reach Blender's interface, in the source: nobody keeps a list of them.

A text is a template: a constant as it is, an f-string with a placeholder for each value, named after what is put there.
Where a value is one of a few constants, such as "mesh" or "meshes", there is a text with each, so that a language can
inflect the sentence. What is for the command line alone is left out, by the rooms it is in; what is no text at all, by
where it stands: in a log call, a regular expression, a key, a comparison.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from texts.reader import Reader
from texts.templates import placeholders, shape

__all__ = ["Text", "placeholders", "shape", "texts_of"]

_ROOT: Final = Path(__file__).resolve().parents[2]
_PACKAGE: Final = _ROOT / "scenario_addon"
_ELSEWHERE: Final = (
    *(f"engine/{room}/" for room in ("batch", "cli", "handover", "inputs", "manifests", "outputs", "report")),
    *("engine/scripting/", "engine/terminal/", "engine/examination/report.py", "engine/__init__.py", "__main__.py"),
    *("blender/command.py", "blender/library.py", "blender/stage.py", "blender/writing/", "blender/sheet/"),
)
"""Never in the interface: the command line, its files, and what other people's scripts get."""
_MODELS: Final = "engine/models/models.json"


@dataclass(slots=True)
class Text:
    """One text and where it stands."""

    text: str
    places: list[str] = field(default_factory=list)


def texts_of(package: Path = _PACKAGE) -> dict[str, Text]:
    """Every text of the interface, by itself, sorted."""
    found: dict[str, Text] = {}
    for path in sorted(package.rglob("*.py")):
        relative = path.relative_to(package).as_posix()
        if not relative.startswith(_ELSEWHERE):
            for line, text in Reader(ast.parse(path.read_text(encoding="utf-8"))).texts():
                found.setdefault(shape(text), Text(text)).places.append(f"{relative}:{line}")
    for text in _texts_of_models(package / _MODELS):
        found.setdefault(shape(text), Text(text)).places.append(_MODELS)
    told = {form: entry for form, entry in found.items() if not any(other in found for other in _fuller(form))}
    return {entry.text: entry for entry in sorted(told.values(), key=lambda entry: entry.text)}


def _fuller(form: str) -> Iterator[str]:
    """The same with a full stop, which is left away where it is not wanted, and with a small letter to begin with."""
    small = f"{form[:1].lower()}{form[1:]}"
    yield from {f"{form}.", f"{small}.", small} - {form}


def _texts_of_models(path: Path) -> Iterator[str]:
    """What the record that ships with this says of models, but for the names."""
    for entry in json.loads(path.read_text(encoding="utf-8")) if path.exists() else ():
        record: dict[str, Any] = entry["record"]
        yield record["shortDescription"]
        for choices in record.get("uiConfig", {}).get("selects", {}).values():
            yield from (label for label in choices.values() if re.search("[a-z]{2}", label))
        for each in record["inputs"]:
            yield from (each[name] for name in ("label", "description", "group") if name in each)
            group, label = each.get("group", ""), each.get("label", "")
            yield from {label.removeprefix(f"{group} ")} - {label}  # below its group's heading
            yield from (
                text
                for texts in each.get("required", {}).values()
                if isinstance(texts, dict)
                for text in texts.values()
            )
        yield from (rule["why"] for rule in entry["knowledge"].get("rules", ()))
