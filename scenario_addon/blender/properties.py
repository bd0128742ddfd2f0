# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist chooses, saved with the scene: ``scene.scenario``. Never a secret, never a job."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from typing import TYPE_CHECKING

import bpy
from bpy.props import (
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    PointerProperty,
    StringProperty,
)

__all__ = ["SCENARIO_PG_model_settings", "SCENARIO_PG_picture", "SCENARIO_PG_scene", "scene_settings"]


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
        description="Where the mesh goes; its base stands on this point",
        items=(
            ("CURSOR", "3D Cursor", "Where the 3D cursor is when you press Generate", "PIVOT_CURSOR", 0),
            ("ORIGIN", "World Origin", "The middle of the world", "EMPTY_AXIS", 1),
        ),
        default="CURSOR",
    )
    height: FloatProperty(
        name="Height",
        description="How tall the mesh is. 0 keeps the size in the file",
        subtype="DISTANCE",
        min=0.0,
        soft_max=10.0,
    )
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
