# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written as a .blend by a Blender without a window: one mesh, or a kit of them. Main thread only.

Whatever the process has loaded is given up, which is why there must be no window to it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import bpy
from mathutils import Matrix, Vector

from ...engine.errors import ConfigError, DiskError, ImportFailed
from ...engine.files import discard, publish
from ...engine.host import AS_DELIVERED, Commission, Detail, Piece, Remark
from ...engine.names import numbered
from ..form.finishing import HOLE_EDGES, LOOSE_SIZE
from ..importing.importer import import_mesh
from ..mesh.finish import Finish
from ..scene.arrival import Arrival
from ..scene.bounds import Box
from ..scene.placement import Placement
from ..variants.group import Kinship, key_at

__all__ = ["give_up_what_is_open", "open_mesh", "refuse_window", "save", "save_new", "write_kit"]

_GAP: Final = 0.25
"""Before each mesh in a row: part of its own width or depth."""
_ROW: Final = 10
"""So many meshes stand in a row."""
_ORIGIN: Final = Placement((0.0, 0.0, 0.0))


def give_up_what_is_open() -> None:
    """Start from an empty file.

    :raises ConfigError: there is a window, so there may be an artist's work in it.
    """
    refuse_window()
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)


def refuse_window() -> None:
    """:raises ConfigError: there is a window, so there may be an artist's work in it."""
    if not bpy.app.background:
        raise ConfigError("This takes a Blender without a window: use blender --command scenario.")


def open_mesh(commission: Commission, detail: Detail) -> Arrival:
    """Start from an empty file with nothing but the mesh in it, at the origin.

    :raises ConfigError: there is a window.
    :raises ImportFailed: the mesh cannot be imported.
    """
    give_up_what_is_open()
    arrival = _imported(commission, detail, _ORIGIN)
    bpy.context.scene.name = commission.name
    return arrival


def save(blend: Path, part_name: str) -> Path:
    """Save what is open, compressed, its textures packed; gives the name it got, numbered where others are taken.

    :param part_name: by which it is called until it is complete.
    :raises DiskError: it cannot be written.
    """
    return _saved(blend, blend.with_name(f".{part_name}{blend.suffix}"), numbered(blend))


def write_kit(pieces: Iterable[Piece], blend: Path, *, name: str, detail: Detail = AS_DELIVERED) -> list[Remark]:
    """Write a .blend with all the meshes in it, one after the other.

    A piece that has a place fills it along each axis, as its source did; a rig keeps its proportions. Several that
    replace the same there are variants of one thing: the last is shown, the others are hidden. Pieces without a place
    stand in rows, each beside the one before.

    :param name: of its scene.
    :param detail: of each mesh.
    :return: what is to be said of some pieces; where all are left out nothing is written.
    :raises ConfigError: there is a window.
    :raises DiskError: it cannot be written.
    """
    give_up_what_is_open()
    remarks: list[Remark] = []
    rows, is_empty = _Rows(), True
    for piece in pieces:
        placement = Placement.from_json({**piece.placement, "stretch": True}) if piece.placement else _ORIGIN
        try:
            arrival = _imported(piece, detail, placement, _kinship(piece, placement))
        except ImportFailed as error:
            remarks.append(Remark(piece.name, error.user_message, is_left_out=True))
            continue
        is_empty = False
        remarks += [Remark(piece.name, flaw, is_left_out=False) for flaw in arrival.flaws]
        if not piece.placement:
            rows.add(arrival)
        arrival.root.name = piece.name
    if not is_empty:
        bpy.context.scene.name = name
        save_new(blend)
    return remarks


def _imported(
    piece: Commission | Piece, detail: Detail, placement: Placement, variant: Kinship | None = None
) -> Arrival:
    arrival = import_mesh(
        piece.mesh,
        name=piece.name,
        job_id=piece.job_id,
        model_id=piece.model_id,
        placement=placement,
        variant=variant,
        finish=_finish(detail),
    )
    if 0 < detail.triangles < arrival.triangles:
        why = "an armature or shape keys move it" if arrival.is_rigged else "fewer would not hold it together"
        return replace(arrival, flaws=(*arrival.flaws, f"with {arrival.triangles:,} triangles, because {why}"))
    return arrival


def _finish(detail: Detail) -> Finish:
    """What is done to a mesh; cleaned as in the panel, where nobody has said otherwise."""
    finish = Finish(triangles=detail.triangles, lods=detail.lods)
    if not detail.clean:
        return finish
    return replace(finish, loose=LOOSE_SIZE["default"] / 100, hole_edges=HOLE_EDGES["default"], outward=True)


def _kinship(piece: Piece, placement: Placement) -> Kinship | None:
    """Say what a piece is a variant of: whatever is made in place of the same objects."""
    if not placement.replaces or placement.location is None:
        return None
    return Kinship(key_at(placement, placement.location), piece.label or piece.name)


class _Rows:
    """Where meshes stand that belong nowhere: along X, row behind row, each looking to the front."""

    def __init__(self) -> None:
        self._count = 0
        self._edge: Any = Vector((0.0, 0.0))
        """Where the row's next mesh begins, and where the row does."""
        self._depth = 0.0

    def add(self, arrival: Arrival) -> None:
        """Put a mesh, which stands on the origin, beside the others."""
        root: Any = arrival.root
        box = Box.between(arrival.low, arrival.high).seen_from(root.matrix_world)
        gap = _GAP * max(box.size.x, box.size.y)
        if self._count and self._count % _ROW == 0:
            self._edge = Vector((0.0, self._edge.y + self._depth))
            self._depth = 0.0
        shift = Vector((self._edge.x + gap - box.low.x, self._edge.y + gap - box.low.y, -box.low.z))
        root.matrix_world = Matrix.Translation(shift[:]) @ root.matrix_world
        self._edge.x += gap + box.size.x
        self._depth = max(self._depth, gap + box.size.y)
        self._count += 1


def save_new(blend: Path) -> None:
    """Save what is open, compressed, first under another name in the same folder.

    :raises DiskError: ``blend`` is taken, or cannot be written.
    """
    _saved(blend, blend.with_name(f".{uuid.uuid4().hex}{blend.suffix}"), [blend])


def _saved(blend: Path, part: Path, names: Iterable[Path]) -> Path:
    """Save what is open, first under another name in the same folder; gives the first of ``names`` that is free."""
    try:
        blend.parent.mkdir(parents=True, exist_ok=True)
        bpy.ops.wm.save_as_mainfile(filepath=str(part.absolute()), copy=True, compress=True)
        return publish(part, names)
    except (OSError, RuntimeError) as error:
        reason = str(error).removeprefix("Error: ").strip()
        raise DiskError(f"{blend} could not be written: {reason}") from error
    finally:
        discard(part)
