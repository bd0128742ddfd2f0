# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a mesh is one that a model takes, before anything is sent or paid for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ..errors import MeshError
from ..values import HeldMesh, SourceMesh
from .file import MIMES, inspect, packed
from .limits import MeshLimits

__all__ = ["fitting", "held_that_fits", "refuse_unfit"]

_SENDABLE: Final = frozenset(MIMES)


def fitting(path: Path, *, limits: MeshLimits, model_name: str, folder: Path) -> tuple[SourceMesh, str | None]:
    """Look at a mesh file, and make a GLB of a glTF that a model does not take as it is.

    Reads the whole file: any thread but the one that draws.

    :param folder: where a copy goes.
    :return: the mesh, and a sentence for the user where it is not sent with all that belongs to it.
    :raises MeshError: it cannot be used; one sentence says why and what to do.
    """
    mesh = inspect(path, most_bytes=limits.max_bytes)
    if mesh.suffix == "gltf":  # its buffers and pictures are files of their own
        mesh = packed(mesh, folder)
    refuse_unfit(mesh, limits=limits, model_name=model_name)
    if mesh.suffix == "obj":
        return mesh, f"{mesh.path.name} is sent without its materials and textures, which are files of their own."
    return mesh, None


def refuse_unfit(mesh: SourceMesh, *, limits: MeshLimits, model_name: str) -> None:
    """Check a mesh that was looked at before. Cheap: no file is read.

    :raises MeshError: the model does not take it.
    """
    _check(mesh.suffix, mesh.faces, mesh.size_bytes, mesh.path.name, limits=limits, model_name=model_name)


def held_that_fits(meshes: Sequence[HeldMesh], *, limits: MeshLimits, model_name: str) -> HeldMesh:
    """Choose among the files of one mesh that the service has the first that a model takes.

    :raises MeshError: it takes none of them.
    """
    wanted = [mesh for mesh in meshes if not mesh.suffix or mesh.suffix in limits.formats]
    mesh = next(iter(wanted or meshes), None)
    if mesh is None:
        raise MeshError("There is no mesh that could be given: choose another one.")
    _check(mesh.suffix, mesh.faces, mesh.size_bytes, mesh.name, limits=limits, model_name=model_name)
    return mesh


def _check(
    suffix: str, faces: int | None, size_bytes: int | None, name: str, *, limits: MeshLimits, model_name: str
) -> None:
    if suffix and suffix not in limits.formats:
        formats = sorted(limits.formats & _SENDABLE) or sorted(limits.formats)
        what = " or ".join(format_name.upper() for format_name in formats)
        raise MeshError(f"{name} is {suffix.upper()} and {model_name} takes {what}: export it as that first.")
    if size_bytes is not None and limits.max_bytes is not None and size_bytes > limits.max_bytes:
        size = f"{name} is {size_bytes / 1e6:,.1f} MB and {model_name} takes {limits.max_bytes / 1e6:,.1f} MB"
        raise MeshError(f"{size}: reduce its faces or its textures first.")
    if faces is not None and limits.max_faces is not None and faces > limits.max_faces:
        raise MeshError(f"{name} has {faces:,} faces and {model_name} takes {limits.max_faces:,}: reduce them first.")
