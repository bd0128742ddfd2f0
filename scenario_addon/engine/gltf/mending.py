# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of a glTF for an importer that would trip over the original, though there is a mesh in it.

Each mend is a small function in a list. The original is never written to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

from .container import load
from .document import Json, entries
from .draft import Draft
from .scene import be_at_rest, show_default_scene_alone

__all__ = ["AT_REST", "MENDS", "Mend", "Mended", "mended_copy"]

Mend: TypeAlias = Callable[[Draft], bool]
"""Changes what it has to in a draft; says whether that was anything.

:raises Flaw: it cannot be mended.
"""


@dataclass(frozen=True, slots=True)
class Mended:
    path: Path
    """Of the copy."""
    told: tuple[str, ...]
    """What somebody who gets the mesh has to know, as phrases."""


def mended_copy(path: Path, folder: Path, *, mends: Sequence[Mend] | None = None) -> Mended | None:
    """Write a mended copy of a glTF, in JSON or as GLB; ``None`` where there is nothing to mend. Any thread.

    :param folder: where the copy goes, a GLB of the same name.
    :param mends: what is done, in this order; :data:`MENDS` by default.
    :raises Flaw: it cannot be mended: nobody has to try.
    :raises OSError: the file cannot be read, or the copy cannot be written.
    """
    draft = load(path)
    changes = [mend(draft) for mend in (MENDS if mends is None else mends)]
    if not any(changes):
        return None
    copy = folder / f"{path.stem}.glb"
    draft.write(copy)
    return Mended(copy, tuple(draft.told))


def list_roots_once(draft: Draft) -> bool:
    """Have each scene list a node once, and only what is no node's child: newer importers refuse the others."""
    children = {child for node in entries(draft.root, "nodes") for child in _numbers(node, "children")}
    is_changed = False
    for scene in entries(draft.root, "scenes"):
        listed = _numbers(scene, "nodes")
        wanted = [node for node in dict.fromkeys(listed) if node not in children]
        if wanted != listed:
            scene["nodes"] = wanted
            is_changed = True
    return is_changed


def _numbers(parent: Json, name: str) -> list[int]:
    found = parent.get(name)
    return [item for item in cast(list[Any], found) if type(item) is int] if isinstance(found, list) else []


MENDS: Final[tuple[Mend, ...]] = (show_default_scene_alone, list_roots_once)
AT_REST: Final = (*MENDS, be_at_rest)
"""And without animation."""
