# SPDX-License-Identifier: GPL-3.0-or-later
"""The artist's own presets of a model, in Blender's folder of presets.

They are no scripts, as Blender's own are: a choice in the form is kept as its place in a list that the service changes,
so a preset holds what it stands for; and a file that came from somebody else is read, never run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import bpy

from ...engine.errors import DiskError, InputError
from ...engine.files import remove, write_whole
from ...engine.names import free_path, safe_name
from ...engine.text import clean

__all__ = ["load", "own", "save", "take_away"]

_LONGEST: Final = 64
"""Characters of a name, as Blender has it."""
_MOST: Final = 200
_MOST_BYTES: Final = 1_000_000
_DIGITS: Final = re.compile(r"(\d+)")


def own(model_id: str) -> list[str]:
    """The names of the presets of a model, as a person would sort them. Reads a small folder."""
    return sorted((name for name, _, _ in _kept(model_id)), key=_natural)


def load(model_id: str, name: str) -> Mapping[str, Any]:
    """The values of a preset, by the parameters' names; whether the model takes them is for others to see.

    :raises InputError: it is gone, or cannot be read.
    """
    found = next((values for known, _, values in _kept(model_id) if known == name), None)
    if found is None:
        raise InputError(f"There is no preset {name} any more: save it anew.")
    return found


def save(model_id: str, name: str, values: Mapping[str, Any]) -> str:
    """Keep values under a name; gives it as it is kept.

    :raises InputError: there is no name, or it is taken.
    :raises DiskError: the folder cannot be written to.
    """
    name = clean(name, longest=_LONGEST)
    if not name:
        raise InputError("A preset needs a name: type one beside the plus.")
    if name.casefold() in (known.casefold() for known, _, _ in _kept(model_id)):
        raise InputError(f"There is a preset {name} already: choose another name, or remove it first.")
    folder = _folder(model_id)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        data = json.dumps({"name": name, "model": model_id, "values": dict(values)}, ensure_ascii=False, indent=1)
        write_whole(free_path(folder / f"{safe_name(name)}.json"), data.encode())
    except OSError as error:
        raise DiskError(f"{folder} cannot be written to ({error.strerror or error}): check its permissions.") from error
    return name


def take_away(model_id: str, name: str) -> None:
    """Remove a preset, if it is there.

    :raises DiskError: it cannot be removed.
    """
    for path in [path for known, path, _ in _kept(model_id) if known == name]:
        try:
            remove(path)
        except OSError as error:
            raise DiskError(f"{path} cannot be removed ({error.strerror or error}): check its permissions.") from error


def _folder(model_id: str) -> Path:
    return Path(bpy.utils.user_resource("SCRIPTS", path=str(Path("presets", "scenario", safe_name(model_id)))))


def _kept(model_id: str) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    """Each preset with its name, its file and its values; what is none is passed over."""
    try:
        paths = sorted(_folder(model_id).glob("*.json"))[:_MOST]
    except OSError:
        return
    for path in paths:
        try:
            data = json.loads(path.read_bytes()) if path.stat().st_size <= _MOST_BYTES else None
        except (OSError, ValueError, RecursionError):
            continue
        if not isinstance(data, dict) or not isinstance(values := data.get("values"), dict):
            continue
        name = data.get("name")
        yield clean(name if isinstance(name, str) and name.strip() else path.stem, longest=_LONGEST), path, values


def _natural(name: str) -> list[tuple[int, int | str]]:
    """So that 20 comes after 3."""
    parts = _DIGITS.split(name.casefold())
    return [(0, int(part[:9])) if part.isdecimal() else (1, part) for part in parts if part]
