# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes of a scene, given to the stand-in's models and brought back, without any service in between."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np
from mathutils import Matrix, Vector
from PIL import Image

from scenario_addon.blender.importing.importer import import_mesh
from scenario_addon.blender.refining.refining import seat_of
from scenario_addon.blender.scene.arrival import Arrival
from scenario_addon.blender.scene.refined import Refined
from tests.service.catalogue import load_catalogue
from tests.service.glb import Material, Mesh, write_glb
from tests.service.refining import make_refined, read_refinement
from tests.service.results import Output

__all__ = ["back", "blob", "box_of", "bring", "given", "refined", "ways"]

_MODELS: Final = load_catalogue()
_numbers: Final = count(1)
_UP: Final = np.array(((1, 0, 0), (0, 0, 1), (0, -1, 0)), dtype=np.float32)
"""From Blender's axes to glTF's."""


def blob(name: str = "Chair", *, detail: int = 3) -> Any:
    """An object of triangles, neither round nor in the middle, with a UV map and a material."""
    bpy.ops.mesh.primitive_ico_sphere_add(subdivisions=detail, calc_uvs=True)
    obj: Any = bpy.context.active_object
    obj.name = obj.data.name = name
    rng = np.random.default_rng(3)
    points = np.empty(len(obj.data.vertices) * 3, dtype=np.float32)
    obj.data.vertices.foreach_get("co", points)
    rows = points.reshape(-1, 3) * (1.0, 0.6, 1.7) + rng.uniform(-0.02, 0.02, (len(points) // 3, 3)) + (0.4, 0.1, 0.9)
    obj.data.vertices.foreach_set("co", rows.astype(np.float32).ravel())
    obj.data.materials.append(bpy.data.materials.new(f"{name} paint"))
    bpy.context.view_layer.update()
    return obj


def given(*objects: Any, scale: float = 1.0, shift: Sequence[float] = (0.0, 0.0, 0.0)) -> bytes:
    """What a model is given of objects, as GLB: triangles in the axes of the first, with their modifiers.

    :param scale: then all is scaled and moved, as in a file that has another unit and origin.
    """
    bpy.context.view_layer.update()
    graph = bpy.context.evaluated_depsgraph_get()
    home = objects[0].matrix_world.inverted()
    points, uvs, faces, first = [], [], [], 0
    for obj in objects:
        mesh = obj.evaluated_get(graph).to_mesh()
        mesh.calc_loop_triangles()
        corners = [loop for triangle in mesh.loop_triangles for loop in triangle.loops]
        frame = home @ obj.matrix_world
        points += [frame @ mesh.vertices[mesh.loops[loop].vertex_index].co for loop in corners]
        layer = mesh.uv_layers.active
        uvs += [tuple(layer.uv[loop].vector) if layer else (0.0, 0.0) for loop in corners]
        faces += range(first, first + len(corners))
        first += len(corners)
    places = (np.array(points, dtype=np.float32) * scale + np.array(shift, dtype=np.float32)) @ _UP.T
    flat = np.array(uvs, dtype=np.float32)
    flat[:, 1] = 1 - flat[:, 1]
    normals = np.tile(np.array((0, 1, 0), np.float32), (len(places), 1))
    return write_glb(Mesh(places, normals, flat, np.array(faces, np.uint32).reshape(-1, 3)), Material(), name="given")


def refined(model_id: str, mesh: bytes, **settings: Any) -> tuple[Output, ...]:
    """What a model of the stand-in makes of it."""
    model = _MODELS[model_id]
    body = {model.output["mesh"]: "asset_mesh", **settings}
    if picture := model.output.get("picture"):
        body[picture] = "asset_picture"
    refinement = read_refinement(model, body, file={"asset_mesh": mesh, "asset_picture": _picture()}.__getitem__)
    assert refinement is not None
    return make_refined(refinement)


@cache
def _picture() -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.random.default_rng(4).integers(0, 255, (64, 64, 3), dtype=np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def bring(
    files: bytes | tuple[Output, ...],
    folder: Path,
    *objects: Any,
    kind: str = "Retopology",
    job_id: str | None = None,
    name: str = "Result",
    is_held: bool = False,
) -> Arrival:
    """Bring in what was made of objects.

    :param job_id: of the job that had made them.
    :param is_held: the model was given what that job had made, and not what is in the scene.
    """
    number = next(_numbers)
    folder = folder / str(number)
    folder.mkdir()
    if isinstance(files, bytes):
        path = folder / "model.glb"
        path.write_bytes(files)
    else:
        for output in files:
            (folder / (output.file_name or f"model.{output.name}")).write_bytes(output.data)
        path = folder / (files[0].file_name or f"model.{files[0].name}")
    names = tuple(obj if isinstance(obj, str) else obj.name for obj in objects)
    order, scene = Refined(kind, names, job_id), bpy.context.scene
    seat = seat_of(order, scene, label="Meshy", map_name="Meshy UV Unwrap", is_held=is_held)
    assert seat is not None
    return import_mesh(path, name=name, job_id=f"job_{number}", model_id="model_1", seat=seat)


def back(obj: Any, model_id: str, folder: Path, *, kind: str = "Retopology", **settings: Any) -> Arrival:
    """Give an object to a model, and bring in what comes of it."""
    return bring(refined(model_id, given(obj), **settings), folder, obj, kind=kind)


def box_of(objects: Sequence[Any], frame: Matrix) -> tuple[Vector, Vector]:
    """The lowest and the highest corner of all vertices as they are seen, in the axes of ``frame``."""
    bpy.context.view_layer.update()
    graph, home = bpy.context.evaluated_depsgraph_get(), frame.inverted()
    rows = []
    for obj in (obj for obj in objects if obj.type == "MESH"):
        mesh = obj.evaluated_get(graph).data
        points = np.empty(len(mesh.vertices) * 3, dtype=np.float32)
        mesh.vertices.foreach_get("co", points)
        matrix = np.array(home @ obj.matrix_world)
        rows.append(points.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3])
    every = np.vstack(rows)
    return Vector(every.min(axis=0)), Vector(every.max(axis=0))


def ways(made: Sequence[Any], source: Any) -> float:
    """How far the box of what was made is from its source's, corner by corner, as a part of each side."""
    frame = source.matrix_world.copy()
    low, high = box_of([source], frame)
    own_low, own_high = box_of(made, frame)
    sides = high - low
    return max(
        abs(one[axis] - other[axis]) / sides[axis]
        for one, other in ((low, own_low), (high, own_high))
        for axis in range(3)
    )
