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
    IntProperty,
    PointerProperty,
    StringProperty,
)

from ...engine.service import VIEW_NAMES
from .finishing import SCENARIO_PG_finish
from .making import SCENARIO_PG_making

__all__ = [
    "HEIGHT",
    "HIDE_SOURCE",
    "MAX_SEEDS",
    "ORIGIN",
    "PATH_OPTIONS",
    "PLACES",
    "STRETCH",
    "SCENARIO_PG_model_settings",
    "SCENARIO_PG_picture",
    "SCENARIO_PG_scene",
    "SCENARIO_PG_studio",
    "scene_settings",
]

PATH_OPTIONS: Final[set[Any]] = {"PATH_SUPPORTS_BLEND_RELATIVE"} if bpy.app.version >= (4, 5, 0) else set()
"""Of a path that may begin with ``//``, which Blender wants to be told from 4.5 on."""
_USUAL_HEIGHT_M: Final = 1.0
"""To begin with, once the height is to be set."""
MAX_SEEDS: Final = 8
"""Of one press: more are ordered from the command line."""

# What the scene and the operators that place a mesh have in common, as arguments of Blender's properties.
AUTO_PLACE: Final = (
    "AUTO",
    "Automatic",
    "In place of what the picture shows, where it shows objects of this scene; else where the 3D cursor is",
    "AUTO",
    4,
)
PLACES: Final = (
    ("CURSOR", "3D Cursor", "Where the 3D cursor is", "PIVOT_CURSOR", 0),
    ("ORIGIN", "World Origin", "The middle of the world", "EMPTY_AXIS", 1),
    (
        "SOURCE",
        "Source",
        "In place of the objects in the picture: in their bounding box, with its front on the side that was shown",
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
    "description": "Where the object's origin sits. A rigged mesh keeps the one in its file",
    "items": (
        ("BASE", "Base", "In the middle of the lower side of its bounding box", 0),
        ("CENTER", "Center", "In the middle of its bounding box", 1),
    ),
}
STRETCH: Final[dict[str, Any]] = {
    "name": "Stretch",
    "description": "Fill the bounding box along each axis, instead of keeping proportions. Rigged meshes keep theirs",
}
HIDE_SOURCE: Final[dict[str, Any]] = {
    "name": "Hide Originals",
    "description": "Hide the objects that it takes the place of, in the viewports and in renders",
    "default": True,
}


class SCENARIO_PG_picture(bpy.types.PropertyGroup):
    """One more picture, for a model that takes several. ``name`` is the view it shows, if any."""

    image: PointerProperty(type=bpy.types.Image, name="Image", description="A picture of this side")
    filepath: StringProperty(
        name="File", description="A picture file of this side", subtype="FILE_PATH", options=PATH_OPTIONS
    )

    if TYPE_CHECKING:
        image: bpy.types.Image | None
        filepath: str


class SCENARIO_PG_studio(bpy.types.PropertyGroup):
    """How pictures of selected objects are taken."""

    front: EnumProperty(
        name="Front",
        description="Which side of the selected objects is their front. Left is their own left, as for a person",
        items=(
            ("WORLD", "World -Y", "The side that looks along -Y of the world, as in the Front view", 0),
            ("OBJECT", "Object -Y", "The side that looks along -Y of the active object, however that is turned", 1),
            ("VIEW", "View", "The side that is seen in the 3D viewport when the pictures are taken", 2),
        ),
        default="WORLD",
    )
    turn: FloatProperty(
        name="Turn", description="Turn the front about the vertical axis", subtype="ANGLE", soft_min=-3.2, soft_max=3.2
    )
    look: EnumProperty(
        name="Look",
        description="What the surfaces look like",
        items=(
            ("MATERIALS", "Materials", "The materials as they are", 0),
            ("CLAY", "Clay", "One grey for all, for the form alone", 1),
        ),
        default="MATERIALS",
    )
    light: EnumProperty(
        name="Light",
        description="What lights the selected objects",
        items=(
            ("STUDIO", "Studio", "A light that goes with the camera, so that no side is dark", 0),
            ("SCENE", "Scene", "The lights and the world of the scene", 1),
        ),
        default="STUDIO",
    )

    if TYPE_CHECKING:
        front: str
        turn: float
        look: str
        light: str


class SCENARIO_PG_model_settings(bpy.types.PropertyGroup):
    """The parameters of one model as custom properties; ``name`` is the model's id. See ``parameters.sync``."""


def _keeps_height(self: Any) -> bool:
    return not self.height > 0


def _keep_height(self: Any, wanted: bool) -> None:
    self.height = 0.0 if wanted else self.height or _USUAL_HEIGHT_M


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
            (
                "OBJECTS",
                "Selected Objects",
                "The selected objects alone, from as many sides as the model takes",
                "OBJECT_DATA",
                4,
            ),
            (
                "CAMERA",
                "Camera",
                "What the scene's camera sees, drawn quickly: no render of the whole scene",
                "CAMERA_DATA",
                5,
            ),
        ),
        default="IMAGE",
    )
    image: PointerProperty(type=bpy.types.Image, name="Image", description="The picture to turn into a mesh")
    filepath: StringProperty(
        name="File", description="The picture to turn into a mesh", subtype="FILE_PATH", options=PATH_OPTIONS
    )
    whole_view: BoolProperty(
        name="Whole View", description="Send the picture as seen, not cropped to what it shows", default=False
    )
    cut_out: BoolProperty(
        name="Cut Out",
        description=(
            "Take away what is behind the subject. A plain background goes here, for nothing; any other is taken away "
            "by the service, at the price on the button"
        ),
    )
    views: CollectionProperty(type=SCENARIO_PG_picture)
    sides: EnumProperty(
        name="Sides",
        description="From where pictures of the selected objects are taken; with none chosen, as suits the model",
        items=[(view, name, "", 2**number) for number, (view, name) in enumerate(VIEW_NAMES.items())],
        options={"ENUM_FLAG"},
    )
    studio: PointerProperty(type=SCENARIO_PG_studio)
    model: StringProperty(name="Model", description="Id of the 3D model that makes the mesh")
    more_models: StringProperty(
        description="Ids of further 3D models that make a mesh of the same each, apart by spaces", options={"HIDDEN"}
    )
    then: StringProperty(
        description="Id of the model that changes the mesh once it is there; empty for none", options={"HIDDEN"}
    )
    seeds: IntProperty(
        name="Seeds",
        description="How many meshes each 3D model makes, each with a seed of its own",
        default=1,
        min=1,
        max=MAX_SEEDS,
    )
    prompt: StringProperty(name="Prompt", description="What to make, in words")
    placement: EnumProperty(
        name="Place At",
        description="Where the mesh goes, as of the moment when you press Generate; its base stands on this point",
        items=(AUTO_PLACE, *PLACES),
        default="AUTO",
    )
    height: FloatProperty(**HEIGHT)
    keeps_height: BoolProperty(
        name="As in File",
        description="Leave the mesh as tall as it is in its file, instead of as tall as you say",
        get=_keeps_height,
        set=_keep_height,
    )
    origin: EnumProperty(**ORIGIN)
    stretch: BoolProperty(**STRETCH)
    hide_source: BoolProperty(**HIDE_SOURCE)
    finish: PointerProperty(type=SCENARIO_PG_finish)
    making: PointerProperty(type=SCENARIO_PG_making)
    models: CollectionProperty(type=SCENARIO_PG_model_settings)
    marks: StringProperty(description="What jobs know this scene by, apart by spaces", options={"HIDDEN"})

    if TYPE_CHECKING:
        source: str
        image: bpy.types.Image | None
        filepath: str
        whole_view: bool
        cut_out: bool
        views: bpy.types.bpy_prop_collection_idprop[SCENARIO_PG_picture]
        sides: set[str]
        studio: SCENARIO_PG_studio
        model: str
        more_models: str
        then: str
        seeds: int
        prompt: str
        placement: str
        height: float
        keeps_height: bool
        origin: str
        stretch: bool
        hide_source: bool
        finish: SCENARIO_PG_finish
        making: SCENARIO_PG_making
        models: bpy.types.bpy_prop_collection_idprop[SCENARIO_PG_model_settings]
        marks: str


def scene_settings(scene: bpy.types.Scene) -> SCENARIO_PG_scene:
    return scene.scenario  # pyright: ignore[reportAttributeAccessIssue]


classes = (
    SCENARIO_PG_picture,
    SCENARIO_PG_model_settings,
    SCENARIO_PG_studio,
    SCENARIO_PG_finish,
    SCENARIO_PG_making,
    SCENARIO_PG_scene,
)
_register, _unregister = bpy.utils.register_classes_factory(classes)


def register() -> None:
    _register()
    bpy.types.Scene.scenario = PointerProperty(type=SCENARIO_PG_scene)  # pyright: ignore[reportAttributeAccessIssue]


def unregister() -> None:
    del bpy.types.Scene.scenario  # pyright: ignore[reportAttributeAccessIssue]
    _unregister()
