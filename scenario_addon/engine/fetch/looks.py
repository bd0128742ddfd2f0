# SPDX-License-Identifier: GPL-3.0-or-later
"""What a downloaded mesh holds, as far as its format can be looked into, and what it lacks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..errors import DownloadError
from ..mending import check
from ..pictures.header import measure

__all__ = ["Look", "look_into"]

_HEAD_BYTES: Final = 64
_LINES_BYTES: Final = 1 << 20
"""Of a text: where its materials are named, that is at its beginning."""
_LIBRARY: Final = re.compile(rb"^[ \t]*mtllib[ \t]+([^\r\n]+)", re.MULTILINE)
_MAP: Final = re.compile(rb"^[ \t]*(?:map_\w+|bump|disp|decal|norm|refl)[ \t]+([^\r\n]*)", re.MULTILINE | re.IGNORECASE)
_PICTURES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
"""How pictures begin that lie in an FBX."""


@dataclass(frozen=True, slots=True)
class Look:
    triangles: int | None = None
    """``None`` for formats whose content is not looked into."""
    textures: int = 0
    """That it has, as far as anybody can tell."""
    flaws: tuple[str, ...] = ()
    """What it should have and has not, see :class:`..gltf.document.GltfInfo`."""


def look_into(part: Path, *, name: str, readable: frozenset[str]) -> Look:
    """Check a mesh that has arrived, and say what is in it.

    :param part: where it is, with what it refers to beside it.
    :param name: what it will be called.
    :param readable: the glTF extensions that may be required.
    :raises DownloadError: it is none, or cannot be used.
    """
    if name.endswith((".glb", ".gltf")):
        info = check.inspect(part, name=name, readable=readable)
        return Look(info.triangles, info.pbr_textures, info.flaws)
    with part.open("rb") as file:
        head = file.read(_HEAD_BYTES).lstrip()
    if not head or head.startswith(b"<"):
        raise DownloadError(f"{name} is not a mesh: {'a web page came instead' if head else 'it is empty'}.")
    if name.endswith(".obj"):
        return _look_into_obj(part)
    if name.endswith(".fbx"):
        data = part.read_bytes()
        return Look(textures=sum(data.count(start) for start in _PICTURES))
    return Look()


def _look_into_obj(part: Path) -> Look:
    """Find the textures of an OBJ's materials."""
    names: set[str] = set()
    with part.open("rb") as file:
        libraries = _LIBRARY.findall(file.read(_LINES_BYTES))
    for library in libraries:
        path = _beside(part, _text(library))
        if path is None:
            return Look(flaws=("without its materials, which are missing",))
        names |= {_text(line) for line in _MAP.findall(path.read_bytes())}
    flaws: list[str] = []
    for name in sorted({found for line in names if (found := _file_of(line))}):
        path = _beside(part, name)
        why = "missing" if path is None else None if _is_whole(path) else "cut short or damaged"
        if why:
            flaws.append(f"without its texture {_last(name)[:80]}, which is {why}")
    return Look(textures=len(names) - len(flaws), flaws=tuple(flaws))


def _file_of(words: str) -> str:
    """The file that a line names, behind options such as ``-bm 1.0``."""
    return re.sub(r"^(?:-\w+(?:[ \t]+(?:[-+\d.eE]+|on|off))*[ \t]+)+", "", words).strip()


def _beside(part: Path, name: str) -> Path | None:
    """A file where a mesh looks for it, or else under its name alone, as Blender's importer does."""
    for wanted in (name.replace("\\", "/"), _last(name)):
        path = part.parent / wanted
        try:
            if path.is_file() and path.resolve().is_relative_to(part.parent.resolve()):
                return path
        except (OSError, ValueError):
            continue
    return None


def _is_whole(path: Path) -> bool:
    """Whether a picture is not cut short, as far as its format is known here."""
    try:
        with path.open("rb") as file:
            measure(file, size_bytes=path.stat().st_size)
    except ValueError:
        return False
    return True


def _last(name: str) -> str:
    return re.split(r"[/\\]", name)[-1]


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").strip()
