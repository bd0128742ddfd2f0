# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist chooses, saved with the scene: ``scene.scenario``. Never a secret, never a job."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from typing import TYPE_CHECKING, Any, Final

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    PointerProperty,
    StringProperty,
)

__all__ = [
    "HEIGHT",
    "HIDE_SOURCE",
    "ORIGIN",
    "PLACES",
    "STRETCH",
    "SCENARIO_PG_model_settings",
    "SCENARIO_PG_picture",
    "SCENARIO_PG_scene",
    "scene_settings",
]

# What the scene and the operators that place a model have in common, as arguments of Blender's properties.
PLACES: Final = (
    ("CURSOR", "3D Cursor", "Where the 3D cursor is", "PIVOT_CURSOR", 0),
    ("ORIGIN", "World Origin", "The middle of the world", "EMPTY_AXIS", 1),
    (
        "SOURCE",
        "In Place of the Source",
        "Where the objects in the picture stand: in their bounding box, its front on the side that was shown",
        "OBJECT_ORIGIN",
        2,
    ),
)
HEIGHT: Final[dict[str, Any]] = {
    "name": "Height",
    "description": "How tall the mesh is. 0 keeps the size in the file",
    "subtype": "DISTANCE",
    "min": 0.0,
    "soft_max": 10.0,
}
ORIGIN: Final[dict[str, Any]] = {
    "name": "Origin",
    "description": "Where the object's origin sits. A rigged model keeps the one in its file",
    "items": (
        ("BASE", "Base", "In the middle of the lower side of its bounding box", 0),
        ("CENTER", "Center", "In the middle of its bounding box", 1),
    ),
}
STRETCH: Final[dict[str, Any]] = {
    "name": "Stretch",
    "description": "Fill the bounding box along each axis, instead of keeping proportions. Rigged models keep theirs",
}
HIDE_SOURCE: Final[dict[str, Any]] = {
    "name": "Hide Originals",
    "description": "Hide the objects that it takes the place of, in the viewports and in renders",
}


class SCENARIO_PG_picture(bpy.types.PropertyGroup):
    """One more picture, for a model that takes several. ``name`` is the view it shows, if any."""

    image: PointerProperty(type=bpy.types.Image, name="Image", description="A picture of this side")

    if TYPE_CHECKING:
        image: bpy.types.Image | None


class SCENARIO_PG_model_settings(bpy.types.PropertyGroup):
    """The parameters of one model as custom properties; ``name`` is the model's id. See ``parameters.sync``."""


class SCENARIO_PG_scene(bpy.types.PropertyGroup):
    source: EnumProperty(
        name="Source",
        description="Where the picture comes from",
        items=(
            ("RENDER", "Render", "The last render of this scene", "RENDER_RESULT", 0),
            (
                "IMAGE",
                "Image",
                "An image in this file: painted, rendered, loaded or generated",
                "IMAGE_DATA",
                1,
            ),
            ("FILE", "File", "A picture file", "FILE_IMAGE", 2),
            ("VIEWPORT", "Viewport", "The 3D viewport as it is now, without overlays", "VIEW3D", 3),
        ),
        default="IMAGE",
    )
    image: PointerProperty(type=bpy.types.Image, name="Image", description="The picture to turn into a mesh")
    filepath: StringProperty(name="File", description="The picture to turn into a mesh", subtype="FILE_PATH")
    views: CollectionProperty(type=SCENARIO_PG_picture)
    model: StringProperty(name="Model", description="Id of the 3D model that makes the mesh")
    prompt: StringProperty(name="Prompt", description="What to make, in words")
    placement: EnumProperty(
        name="Place At",
        description="Where the mesh goes, as of the moment when you press Generate; its base stands on this point",
        items=PLACES,
        default="CURSOR",
    )
    height: FloatProperty(**HEIGHT)
    origin: EnumProperty(**ORIGIN)
    stretch: BoolProperty(**STRETCH)
    hide_source: BoolProperty(**HIDE_SOURCE)
    models: CollectionProperty(type=SCENARIO_PG_model_settings)

    if TYPE_CHECKING:
        source: str
        image: bpy.types.Image | None
        filepath: str
        views: bpy.types.bpy_prop_collection_idprop[SCENARIO_PG_picture]
        model: str
        prompt: str
        placement: str
        height: float
        origin: str
        stretch: bool
        hide_source: bool
        models: bpy.types.bpy_prop_collection_idprop[SCENARIO_PG_model_settings]


def scene_settings(scene: bpy.types.Scene) -> SCENARIO_PG_scene:
    return scene.scenario  # pyright: ignore[reportAttributeAccessIssue]


classes = (SCENARIO_PG_picture, SCENARIO_PG_model_settings, SCENARIO_PG_scene)
_register, _unregister = bpy.utils.register_classes_factory(classes)


def register() -> None:
    _register()
    bpy.types.Scene.scenario = PointerProperty(type=SCENARIO_PG_scene)  # pyright: ignore[reportAttributeAccessIssue]


def unregister() -> None:
    del bpy.types.Scene.scenario  # pyright: ignore[reportAttributeAccessIssue]
    _unregister()
