# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a finished run: which a model delivers, in which order, and what each descends from."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from PIL import Image, ImageOps

from .atlas import paint
from .formats import splat_colours, write_fbx_shell, write_mtl, write_obj, write_ply, write_spz
from .glb import Material, Mesh, write_glb
from .mesh_files import FoundMesh, still_properties
from .painting import enlarged, painted
from .pictures import draw_words, encoded, open_subject, solid, without_ground
from .recipe import Recipe
from .relief import sculpt
from .values import Json

__all__ = ["Output", "make_outputs"]

_THUMBNAIL_PX: Final = 512
_PICTURES: Final = ("cut-out", "enlarged", "painted")
"""Words for files that are pictures, and whose subject nobody looks for."""


@dataclass(frozen=True, slots=True)
class Output:
    """One file of a run."""

    name: str
    """Its name within the run: ``glb``, ``obj``, ``albedo`` ..."""
    mime: str
    data: bytes = field(repr=False)
    asset_type: str
    """The asset's ``metadata.type``."""
    kind: str = "3d"
    parent: str | None = None
    """The name of the file it descends from; ``None``: the picture that was sent."""
    file_name: str | None = None
    properties: Json = field(default_factory=dict)
    original: tuple[str, bytes] | None = field(repr=False, default=None)
    """Its other form: MIME type and bytes."""


@lru_cache(maxsize=8)
def make_outputs(recipe: Recipe) -> tuple[Output, ...]:
    """The files of a run, in the order they are listed. The same recipe gives the same bytes.

    :raises UnusablePictureError: nothing can be made of the pictures.
    """
    if recipe.files in _PICTURES:
        return tuple(_pictures(recipe))
    views = {view: open_subject(data) for view, data in recipe.views}
    if not views:
        views = {"front": open_subject(draw_words(recipe.words))}
    origin = "img23d" if recipe.views else "txt23d"
    if recipe.files == "picture":
        restyled = encoded(ImageOps.posterize(solid(views["front"]), 3), "PNG")
        return (_picture(restyled, "img2img"),)
    if recipe.files == "quad-fbx" and recipe.choice == "True":
        return (Output("fbx", "application/vnd.autodesk.fbx", write_fbx_shell(), origin, properties={"format": "fbx"}),)
    mesh = sculpt(views, target=recipe.target, unit=recipe.unit)
    mesh = Mesh(mesh.positions * recipe.scale, mesh.normals, mesh.uvs, mesh.faces)
    material = Material()
    if recipe.texture_px:
        material = paint(views, texture_px=recipe.texture_px, pbr=recipe.pbr, roughness=recipe.roughness)
    return tuple(_files(recipe, mesh=mesh, material=material, origin=origin, front=views["front"]))


def _pictures(recipe: Recipe) -> Iterator[Output]:
    match recipe.files:
        case "cut-out":
            yield _picture(encoded(without_ground(dict(recipe.views)["front"]), "PNG"), "background-removal")
        case "enlarged":
            yield _picture(enlarged(dict(recipe.views)["front"], factor=recipe.factor), "upscale")
        case _:
            for number in range(recipe.count):
                data = painted(recipe.words, seed=recipe.seed + number)
                yield _picture(data, "txt2img", name=f"picture-{number + 1}")


def _picture(data: bytes, kind: str, *, name: str = "picture") -> Output:
    return Output(name, "image/png", data, kind, kind="image", properties=_size(data))


def _files(recipe: Recipe, *, mesh: Mesh, material: Material, origin: str, front: Image.Image) -> Iterator[Output]:
    match recipe.files:
        case "splat":
            yield _splat(mesh, material)
            return
        case "thumbnail-first":
            small = ImageOps.contain(front, (_THUMBNAIL_PX, _THUMBNAIL_PX))
            webp = encoded(small, "WEBP")
            yield Output("webp", "image/webp", webp, origin, kind="image", properties=_size(webp))
        case "shaded-and-pbr" if recipe.choice == "All":
            yield _glb(mesh, Material(material.base_color), origin=origin, name="shaded")
    yield _glb(mesh, material, origin=origin, name="glb")
    if recipe.files == "with-obj":
        yield from _obj_family(mesh, material, origin=origin)


def _glb(mesh: Mesh, material: Material, *, origin: str, name: str) -> Output:
    properties = still_properties(FoundMesh(mesh, "glb", len(mesh.faces)))
    return Output(name, "model/gltf-binary", write_glb(mesh, material, name="relief"), origin, properties=properties)


def _obj_family(mesh: Mesh, material: Material, *, origin: str) -> Iterator[Output]:
    obj = write_obj(mesh, material_file="model.mtl")
    properties = still_properties(FoundMesh(mesh, "obj", len(mesh.faces)))
    yield Output("obj", "model/obj", obj, origin, parent="glb", file_name="model.obj", properties=properties)
    mtl = write_mtl(texture_file="base_color.png" if material.base_color else None)
    yield Output("mtl", "model/mtl", mtl, "3d-texture-mtl", parent="obj", file_name="model.mtl")
    if material.base_color:
        yield _map("albedo", Image.open(io.BytesIO(material.base_color)), file_name="base_color.png")
    if material.metallic_roughness:
        _, roughness, metallic = Image.open(io.BytesIO(material.metallic_roughness)).split()
        yield _map("metallic", metallic, file_name="metallic.png")
        yield _map("roughness", roughness, file_name="roughness.png")
    if material.normal:
        yield _map("normal", Image.open(io.BytesIO(material.normal)), file_name="normal.png")


def _map(name: str, image: Image.Image, *, file_name: str) -> Output:
    data = encoded(image, "PNG")
    kind = f"3d-texture-{name}"
    return Output(
        name, "image/png", data, kind, kind="image", parent="obj", file_name=file_name, properties=_size(data)
    )


def _splat(mesh: Mesh, material: Material) -> Output:
    colours = splat_colours(mesh, material.base_color or b"")
    original = ("model/ply", write_ply(mesh.positions, colours))
    spz = write_spz(mesh.positions, colours)
    return Output("spz", "model/spz", spz, "img2splat", properties={"format": "spz"}, original=original)


def _size(data: bytes) -> Json:
    with Image.open(io.BytesIO(data)) as image:
        return {"width": image.width, "height": image.height}
