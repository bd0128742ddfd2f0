# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist wants to be done to a mesh once it is here, saved with the scene: ``scene.scenario.finish``."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from typing import TYPE_CHECKING, Any, Final

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

__all__ = [
    "CLOSE_HOLES",
    "HOLE_EDGES",
    "LOOSE_SIZE",
    "MAX_LODS",
    "REMOVE_LOOSE",
    "TURN_OUTWARD",
    "SCENARIO_PG_finish",
]

MAX_LODS: Final = 6
"""The last has 1/64 of the triangles."""

# What the scene and the operator that cleans a mesh up have in common, as arguments of Blender's properties.
REMOVE_LOOSE: Final[dict[str, Any]] = {
    "name": "Remove Loose Pieces",
    "description": "Remove small pieces that hang on nothing. The largest piece of a mesh always stays",
}
LOOSE_SIZE: Final[dict[str, Any]] = {
    "name": "Smaller Than",
    "description": "How large a loose piece may be to be removed, in percent of the diagonal of its mesh",
    "subtype": "PERCENTAGE",
    "default": 2.0,
    "min": 0.0,
    "max": 100.0,
}
CLOSE_HOLES: Final[dict[str, Any]] = {
    "name": "Close Holes",
    "description": "Close holes with faces of the same material. The rim of a sheet is no hole",
}
HOLE_EDGES: Final[dict[str, Any]] = {
    "name": "Edges",
    "description": "How many edges a hole may have to be closed",
    "default": 1000,
    "min": 3,
    "soft_max": 10_000,
}
TURN_OUTWARD: Final[dict[str, Any]] = {
    "name": "Turn Faces Outward",
    "description": "Turn the faces that are inside out. The walls of a cavity go on looking into it",
}


class SCENARIO_PG_finish(bpy.types.PropertyGroup):
    """What is done to the mesh after the import."""

    target_triangles: IntProperty(
        name="Triangles",
        description=(
            "How many triangles are shown. UVs and shading are kept, and the mesh as delivered stays in a hidden "
            "collection under its own. 0 shows the mesh as delivered"
        ),
        min=0,
        soft_max=1_000_000,
        step=1000,
    )
    lods: IntProperty(
        name="LODs",
        description=(
            "Levels of detail: further meshes, each with half of the triangles of the one before, "
            "in a hidden collection under its own"
        ),
        min=0,
        max=MAX_LODS,
    )
    merge_vertices: BoolProperty(
        name="Merge Vertices",
        description=(
            "Join the vertices that the file repeats along UV seams, so that the surface is in one piece. "
            "UVs and custom normals stay as they are"
        ),
    )
    shade_smooth: BoolProperty(
        name="Shade Smooth",
        description="Merge vertices and shade the surface smooth, in place of the normals and hard edges in the file",
    )
    remove_loose: BoolProperty(**REMOVE_LOOSE)
    loose_size: FloatProperty(**LOOSE_SIZE)
    close_holes: BoolProperty(**CLOSE_HOLES)
    hole_edges: IntProperty(**HOLE_EDGES)
    turn_outward: BoolProperty(**TURN_OUTWARD)
    texture_limit: EnumProperty(
        name="Texture Limit",
        description="Scale down larger textures. The file that came from the service keeps them as delivered",
        items=(
            ("0", "No Limit", "Textures as delivered", 0),
            *((str(px), f"{px} px", f"At most {px} pixels at the longer side", px) for px in (512, 1024, 2048, 4096)),
        ),
        default="0",
    )
    keep_animations: BoolProperty(
        name="Keep Animations",
        description=(
            "Keep the animations of a rigged mesh, each as an action in a muted track of the Nonlinear Animation "
            "editor. The mesh comes in at rest in any case"
        ),
    )
    mark_as_asset: BoolProperty(
        name="Mark as Asset",
        description=(
            "Make the mesh an asset, with the picture as its preview, in the catalogue Scenario, and with the prompt, "
            "the 3D model and the parameters as its description"
        ),
    )
    asset_tags: StringProperty(
        name="Tags", description="Tags of the asset beside its own, separated by commas", default=""
    )

    if TYPE_CHECKING:
        target_triangles: int
        lods: int
        merge_vertices: bool
        shade_smooth: bool
        remove_loose: bool
        loose_size: float
        close_holes: bool
        hole_edges: int
        turn_outward: bool
        texture_limit: str
        keep_animations: bool
        mark_as_asset: bool
        asset_tags: str
