# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a mesh stands, as properties of the operators that put it there: adjusted in Adjust Last Operation."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, FloatVectorProperty

from ....engine.errors import InputError
from ...form.properties import HEIGHT, HIDE_SOURCE, ORIGIN, PLACES, STRETCH
from ..lazy import State, homes
from ..lazy import placement as places

if TYPE_CHECKING:
    from ....engine.ledger.job import Job
    from ...scene.placement import Placement

__all__ = ["Placing"]

_ORIGIN = (0.0, 0.0, 0.0)


class Placing:
    """Whatever is not given is as it was when the mesh was asked for.

    Nothing is remembered from one call to the next: each mesh has a place of its own.
    """

    placement: EnumProperty(
        name="Place At",
        description="Where the mesh goes; its base stands on this point",
        items=(*PLACES, ("LOCATION", "Location", "At this point", "EMPTY_ARROWS", 3)),
        options={"SKIP_SAVE"},
    )
    location: FloatVectorProperty(
        name="Location", description="Where the mesh's base stands", subtype="TRANSLATION", options={"SKIP_SAVE"}
    )
    height: FloatProperty(**HEIGHT, options={"SKIP_SAVE"})
    origin: EnumProperty(**ORIGIN, options={"SKIP_SAVE"})
    turn: FloatProperty(
        name="Rotation Z",
        description="Turn about the vertical axis. At 0 the mesh's front looks along -Y",
        subtype="ANGLE",
        options={"SKIP_SAVE"},
    )
    stretch: BoolProperty(**STRETCH, options={"SKIP_SAVE"})
    hide_source: BoolProperty(**HIDE_SOURCE, options={"SKIP_SAVE"})
    has_source: BoolProperty(options={"SKIP_SAVE", "HIDDEN"})

    if TYPE_CHECKING:
        layout: Any
        properties: Any
        placement: str
        location: Any
        height: float
        origin: str
        turn: float
        stretch: bool
        hide_source: bool
        has_source: bool

    def wanted(self, context: bpy.types.Context, job: "Job", *, is_new: bool) -> "Placement":
        """Read the properties; those that nobody has given get the job's own values first.

        :param is_new: whether this adds a mesh to the scene: then a further one comes to the 3D cursor, so that it
            does not stand in the first one, unless it takes the place of something.
        :raises InputError: it is to take the place of something, but was not made for that.
        """
        own = places.Placement.of_target(job.order.target)
        is_further = is_new and own.box is None and job.state is State.IMPORTED
        first = own if homes.scene_of(job) and not is_further else own.at_cursor()
        self._fill_in(first, context.scene)
        self.has_source = own.box is not None
        if self.placement == "SOURCE" and not self.has_source:
            raise InputError(f"{job.order.name} was not made in place of anything: choose another place for it.")
        points = {"CURSOR": None, "ORIGIN": _ORIGIN, "LOCATION": tuple(self.location), "SOURCE": own.location}
        point = points[self.placement]
        return places.Placement(
            location=point,
            height=self.height,
            origin=self.origin,
            turn=self.turn,
            box=own.box if self.placement == "SOURCE" else None,
            stretch=self.stretch,
            replaces=own.replaces if self.placement == "SOURCE" else (),
            hide_source=self.hide_source,
            steps_aside=self.placement == "CURSOR" or (first.steps_aside and point == first.location),
        )

    def _fill_in(self, first: "Placement", scene: bpy.types.Scene) -> None:
        values = {
            "placement": _place_of(first),
            "location": first.location or scene.cursor.location,
            "height": first.height,
            "origin": first.origin,
            "turn": first.turn,
            "stretch": first.stretch,
            "hide_source": first.hide_source,
        }
        for name, value in values.items():
            if not self.properties.is_property_set(name):
                setattr(self, name, value)

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        choices = layout.grid_flow(row_major=True, columns=2, even_columns=True, align=True)
        choices.use_property_split = False
        for name in ("CURSOR", "ORIGIN", "SOURCE", "LOCATION"):
            if name != "SOURCE" or self.has_source:
                choices.prop_enum(self, "placement", name)
        column = layout.column()
        if self.placement == "LOCATION":
            column.prop(self, "location")
        if self.placement == "SOURCE":
            column.prop(self, "stretch")
            column.prop(self, "hide_source")
        else:
            column.prop(self, "height")
        column.prop(self, "turn")
        column.prop(self, "origin")


def _place_of(placement: "Placement") -> str:
    if placement.box is not None:
        return "SOURCE"
    if placement.location is None:
        return "CURSOR"
    return "ORIGIN" if placement.location == _ORIGIN else "LOCATION"
