# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes that are changed: fewer faces, new texture coordinates, another texture, bones, parts."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .catalogue import Model
from .formats import write_mtl, write_quads
from .glb import Floats, Material, Mesh, Skeleton, write_glb, write_scene
from .mesh_files import FoundMesh, UnreadableMeshError, mesh_properties, read_mesh, still_properties, with_normals
from .pictures import encoded, open_subject, solid
from .remeshing import remesh
from .results import Output
from .values import Json

__all__ = ["Refinement", "UnfitMeshError", "make_refined", "read_refinement"]

_BONES: Final = ("root", "spine", "chest", "head")
_TEXTURE_PX: Final = 512
_GAP: Final = 0.1
"""Around each triangle in an unwrapped texture, as a part of its cell."""
_MIN_PARTS: Final = 2


class UnfitMeshError(ValueError):
    """The model does not take this mesh; the text says why."""


@dataclass(frozen=True, slots=True)
class Refinement:
    """Everything the files of a run depend on."""

    work: str
    """The ``files`` word of the model's description."""
    mesh: bytes = field(repr=False)
    picture: bytes | None = field(repr=False)
    target: int
    quads: bool


def read_refinement(model: Model, body: Json, *, file: Callable[[str], bytes]) -> Refinement | None:
    """What a run is to make of a mesh; ``None`` for a model that begins with none.

    :param body: checked by :func:`.validation.clean_body`.
    :param file: the bytes of an asset.
    :raises UnfitMeshError: the mesh is none, or not one that the model takes.
    """
    output, settings = model.output, model.settings(body)
    if "mesh" not in output:
        return None
    data = file(settings[output["mesh"]])
    try:
        found = read_mesh(data)
    except UnreadableMeshError as error:
        raise UnfitMeshError(str(error)) from error
    formats, most = output.get("formats", ["glb"]), output.get("faces_max", found.faces)
    if found.format not in formats:
        raise UnfitMeshError(f'"{output["mesh"]}" must be of format [{", ".join(formats)}]')
    if found.faces > most:
        raise UnfitMeshError(f'"{output["mesh"]}" must not have more than {most} faces, it has {found.faces}')
    picture = settings.get(output.get("picture", ""))
    return Refinement(
        work=output["files"],
        mesh=data,
        picture=file(picture) if picture else None,
        target=int(settings.get(output.get("target", ""), 0) or 0),
        quads=settings.get(output.get("topology", "")) in ("quad", True),
    )


@lru_cache(maxsize=8)
def make_refined(refinement: Refinement) -> tuple[Output, ...]:
    """The files of a run. The same refinement gives the same bytes."""
    found = read_mesh(refinement.mesh)
    match refinement.work:
        case "remeshed":
            return _remeshed(found, target=refinement.target, quads=refinement.quads)
        case "unwrapped":
            return (_glb(_unwrapped(found.mesh), Material()),)
        case "retextured":
            assert refinement.picture is not None
            return (_glb(*_retextured(found.mesh, refinement.picture)),)
        case "rigged":
            return (_rigged(found),)
        case "parts":
            return (_in_parts(found),)
    raise AssertionError(refinement.work)


def _glb(mesh: Mesh, material: Material) -> Output:
    return _output(write_glb(mesh, material, name="refined"), mesh)


def _output(data: bytes, mesh: Mesh, **more: Any) -> Output:
    properties = {**still_properties(FoundMesh(mesh, "glb", len(mesh.faces))), **more}
    return Output("glb", "model/gltf-binary", data, "3d23d", properties=properties)


# -- fewer faces


def _remeshed(found: FoundMesh, *, target: int, quads: bool) -> tuple[Output, ...]:
    made = remesh(found.mesh, target=target if quads else max(1, target // 2))
    mesh = with_normals(made.positions, made.uvs, made.triangles)
    if not quads:
        return (_glb(mesh, found.material),)
    colour = found.material.base_color
    properties = mesh_properties(FoundMesh(mesh, "obj", len(made.quads)))
    obj = write_quads(mesh, made.quads, material_file="model.mtl")
    mtl = write_mtl(texture_file="base_color.png" if colour else None)
    files = [
        Output("obj", "model/obj", obj, "3d23d", file_name="model.obj", properties=properties),
        Output("mtl", "model/mtl", mtl, "3d-texture-mtl", parent="obj", file_name="model.mtl"),
    ]
    if colour:
        with Image.open(io.BytesIO(colour)) as image:
            png, size = encoded(image, "PNG"), {"width": image.width, "height": image.height}
        names = {"kind": "image", "parent": "obj", "file_name": "base_color.png"}
        files.append(Output("albedo", "image/png", png, "3d-texture-albedo", properties=size, **names))
    return tuple(files)


# -- new texture coordinates


def _unwrapped(mesh: Mesh) -> Mesh:
    """Each triangle has a place of its own, two to a cell; the faces come in another order, as real ones do."""
    faces = mesh.faces[np.random.default_rng(2).permutation(len(mesh.faces))]
    side = int(np.ceil((len(faces) / 2) ** 0.5))
    cell, is_upper = np.divmod(np.arange(len(faces)), 2)
    row, column = np.divmod(cell, side)
    near, far = _GAP, 1 - _GAP
    lower = np.array([(near, near), (far - _GAP, near), (near, far - _GAP)])
    upper = np.array([(far, far), (near + _GAP, far), (far, near + _GAP)])
    local = np.where(is_upper[:, None, None] == 1, upper, lower)
    uvs = (local + np.stack([column, row], axis=-1)[:, None]) / side
    corners = faces.reshape(-1)
    numbers = np.arange(3 * len(faces), dtype=np.uint32).reshape(-1, 3)
    return Mesh(mesh.positions[corners], mesh.normals[corners], uvs.reshape(-1, 2).astype(np.float32), numbers)


# -- another texture


def _retextured(mesh: Mesh, picture: bytes) -> tuple[Mesh, Material]:
    """The picture laid onto it from the front."""
    low, high = mesh.positions.min(axis=0), mesh.positions.max(axis=0)
    across = ((mesh.positions - low) / np.maximum(high - low, 1e-6))[:, :2]
    uvs = np.column_stack([across[:, 0], 1 - across[:, 1]]).astype(np.float32)
    sheet = solid(open_subject(picture)).resize((_TEXTURE_PX, _TEXTURE_PX), Image.Resampling.BICUBIC)
    return Mesh(mesh.positions, mesh.normals, uvs, mesh.faces), Material(encoded(sheet, "JPEG"))


# -- bones


def _rigged(found: FoundMesh) -> Output:
    mesh = found.mesh
    skeleton = _skeleton(mesh.positions)
    data = write_scene([("refined", mesh)], found.material, skeleton=skeleton)
    return _output(data, mesh, hasSkeleton=True, boneCount=len(_BONES))


def _skeleton(positions: Floats) -> Skeleton:
    """A chain from the feet up; each vertex follows the two bones that it is between."""
    low, high = positions.min(axis=0), positions.max(axis=0)
    heads = np.tile((low + high) / 2, (len(_BONES), 1))
    heads[:, 1] = low[1] + (high[1] - low[1]) * np.arange(len(_BONES)) / len(_BONES)
    height = (positions[:, 1] - low[1]) / max(float(high[1] - low[1]), 1e-6) * len(_BONES) - 0.5
    first = np.clip(np.floor(height), 0, len(_BONES) - 2).astype(np.uint16)
    share = np.clip(height - first, 0, 1)
    zeros = np.zeros(len(positions))
    joints = np.column_stack([first, first + 1, zeros, zeros]).astype(np.uint16)
    weights = np.column_stack([1 - share, share, zeros, zeros]).astype(np.float32)
    joints[weights == 0] = 0
    return Skeleton(_BONES, heads.astype(np.float32), joints, weights)


# -- parts


def _in_parts(found: FoundMesh) -> Output:
    mesh = found.mesh
    labels = _pieces(mesh)
    if len(np.unique(labels)) < _MIN_PARTS:
        middles = mesh.positions[mesh.faces].mean(axis=1)[:, 1]
        labels = (middles > np.median(middles)).astype(int)
    parts = [(f"part_{number}", _part(mesh, labels == label)) for number, label in enumerate(np.unique(labels))]
    return _output(write_scene(parts, found.material), mesh)


def _pieces(mesh: Mesh) -> NDArray[Any]:
    """Which connected piece each face belongs to; points at the same place are one."""
    _, welded = np.unique(np.round(mesh.positions, 6), axis=0, return_inverse=True)
    faces = welded.reshape(-1)[mesh.faces]
    labels = np.arange(faces.max() + 1)
    while True:
        lowest = labels[faces].min(axis=1)
        before = labels.copy()
        for corner in range(3):
            np.minimum.at(labels, faces[:, corner], lowest)
        labels = labels[labels]
        if (labels == before).all():
            return labels[faces[:, 0]]


def _part(mesh: Mesh, chosen: NDArray[np.bool_]) -> Mesh:
    used, faces = np.unique(mesh.faces[chosen], return_inverse=True)
    return Mesh(mesh.positions[used], mesh.normals[used], mesh.uvs[used], faces.reshape(-1, 3).astype(np.uint32))
