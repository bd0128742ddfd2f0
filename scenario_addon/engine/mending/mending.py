# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of a glTF for an importer that would trip over the original, though there is a mesh in it.

Each mend is a small function in a list. The original is never written to. What the check of a file finds at fault and
what the copy does without are the same, because both come of the same functions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from ..gltf.beside import is_plain
from ..gltf.document import READABLE, objects, settle_extensions, settle_version
from ..gltf.draft import Draft
from ..gltf.limits import check_totals
from .geometry import keep_sound_parts
from .nodes import drop_lost_references, list_roots_once, make_trees
from .plainer import leave_out_extras, leave_out_looks
from .scene import be_at_rest, show_default_scene_alone
from .shapes import conform
from .surfaces import drop_bad_textures

__all__ = ["AT_REST", "MENDS", "PLAINER", "PLAINEST", "Mend", "Mended", "mend", "mended_copy"]

Mend: TypeAlias = Callable[[Draft], bool]
"""Changes what it has to in a draft; says whether that was anything.

:raises Flaw: it cannot be mended.
"""


@dataclass(frozen=True, slots=True)
class Mended:
    path: Path
    """Of the copy."""
    told: tuple[str, ...]
    """What somebody who gets the mesh has to know, as phrases: "without its texture base.png, which is missing"."""


def mended_copy(
    path: Path, folder: Path, *, mends: Sequence[Mend] | None = None, readable: frozenset[str] = READABLE
) -> Mended | None:
    """Write a mended copy of a glTF, in JSON or as GLB; ``None`` where there is nothing to mend. Any thread.

    :param folder: where the copy goes, a GLB of the same name.
    :param mends: what is done, in this order; :data:`MENDS` by default.
    :param readable: the glTF extensions that may be required.
    :raises Flaw: it cannot be mended: there is no mesh in it that can be used.
    :raises OSError: the file cannot be read, or the copy cannot be written.
    """
    draft = Draft.read(path, readable=readable)
    if not mend(draft, mends):
        return None
    copy = folder / f"{path.stem}.glb"
    draft.write(copy)
    return Mended(copy, tuple(draft.told))


def mend(draft: Draft, mends: Sequence[Mend] | None = None) -> bool:
    """Mend what is at fault in a draft; says whether that was anything.

    :param mends: what is done, in this order; :data:`MENDS` by default.
    :raises Flaw: there is no mesh in it that can be used.
    """
    changes = [change(draft) for change in (MENDS if mends is None else mends)]
    return any(changes)


def _write_anew(draft: Draft) -> bool:
    """Write plainly what is written in a way that not every reader takes."""
    addresses = [entry.get("uri") for kind in ("buffers", "images") for entry in objects(draft.root.get(kind))]
    return not draft.is_exact or not all(is_plain(uri) for uri in addresses if uri is not None)


def _settle(draft: Draft) -> bool:
    """Say nothing but what the reader knows."""
    return settle_version(draft.root) | settle_extensions(draft.root, draft.readable, draft.told)


def _stay_in_bounds(draft: Draft) -> bool:
    """Change nothing.

    :raises TooMuch: all of it together is more than Blender can bear.
    """
    check_totals(draft.root, draft.layout.picture)
    return False


MENDS: Final[tuple[Mend, ...]] = (
    _settle,
    _write_anew,
    make_trees,
    list_roots_once,
    show_default_scene_alone,
    drop_lost_references,
    keep_sound_parts,
    _stay_in_bounds,
    drop_bad_textures,
    conform,
)
"""What is done to every file."""
AT_REST: Final = (be_at_rest, *MENDS)
"""And without animation."""
PLAINER: Final[tuple[Mend, ...]] = (leave_out_extras,)
"""What is done as well for an importer that has refused a file."""
PLAINEST: Final[tuple[Mend, ...]] = (leave_out_extras, leave_out_looks)
"""And for one that has refused it again."""
