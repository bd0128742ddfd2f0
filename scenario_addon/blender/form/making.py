# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist chooses for a picture that a model is to make, and the source that the last one took the place of."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from typing import TYPE_CHECKING

import bpy
from bpy.props import EnumProperty, PointerProperty, StringProperty

__all__ = ["WORKS", "SCENARIO_PG_making"]

WORKS = (
    ("WORDS", "Picture from Words", "Have a picture drawn from a description", "TEXT", 0),
    ("BACKGROUND", "Remove Background", "Have the picture's subject alone, on a transparent ground", "IMAGE_ALPHA", 1),
    ("UPSCALE", "Upscale", "Have the picture with more pixels", "FULLSCREEN_ENTER", 2),
    ("CHANGE", "Change", "Have another picture made of this one", "BRUSH_DATA", 3),
)


class SCENARIO_PG_making(bpy.types.PropertyGroup):
    work: EnumProperty(name="Picture", description="What is done to get it", items=WORKS)
    model: StringProperty(name="Model", description="Id of the model that makes the picture")
    prompt: StringProperty(name="Prompt", description="What the picture is to show, or how it is to change, in words")
    earlier_source: StringProperty(description="The source before the last picture, as its choice", options={"HIDDEN"})
    earlier_image: PointerProperty(type=bpy.types.Image, options={"HIDDEN"})
    earlier_filepath: StringProperty(options={"HIDDEN"})

    if TYPE_CHECKING:
        work: str
        model: str
        prompt: str
        earlier_source: str
        earlier_image: bpy.types.Image | None
        earlier_filepath: str
