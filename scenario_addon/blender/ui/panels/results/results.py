# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel of results: a search where there are many, then groups of what was made of the same, the latest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .....engine.names import token
from ....app.session import session
from ....variants.group import job_of
from ....words.language import translated
from .balance import draw_balance
from .groups import Group, Listing, chosen, listing
from .row import draw_result, draw_source
from .variants import draw_variants

if TYPE_CHECKING:
    import bpy

__all__ = ["draw_results"]

_MANY: Final = 20
"""With more, there is a search."""
_OPEN: Final = 2
"""So many groups are unfolded when they are first drawn."""
_ROWS: Final = 6
"""So many of a group's results are shown until more are asked for."""


def draw_results(layout: Any, context: bpy.types.Context) -> None:
    """Draw what came out, what is under way, and the variants of the active object."""
    manager: Any = context.window_manager
    every = listing(session.jobs.values())
    _draw_search(layout, manager, every)
    found = chosen(every, manager.scenario_results_search, manager.scenario_results_filter, context.scene)
    if not found:
        layout.label(text="Nothing matches", icon="INFO")
    if sum(map(session.jobs.is_stuck, every.unsettled)) > 1:
        layout.operator("scenario.resume", text="Try All Again", icon="FILE_REFRESH")
    shown = found[: manager.scenario_results_groups]
    active = job_of(context.view_layer.objects.active)
    home = next((group for group in shown if any(job.id == active for job in group.jobs)), None)
    if home is None:
        draw_variants(layout, context)
    for number, group in enumerate(shown):
        _draw_group(layout, context, group, every, is_open=number < _OPEN, has_active=group is home)
    if more := len(found) - len(shown):
        layout.operator("scenario.show_more", text=translated(f"Show Earlier ({more})"), icon="TRIA_DOWN")
    draw_balance(layout)


def _draw_search(layout: Any, manager: Any, every: Listing) -> None:
    is_searched = manager.scenario_results_search or manager.scenario_results_filter != "ALL"
    if len(every.jobs) > _MANY or is_searched:
        row = layout.row(align=True)
        row.prop(manager, "scenario_results_search", text="", icon="VIEWZOOM")
        row.prop(manager, "scenario_results_filter", text="", icon="FILTER", icon_only=True)


def _draw_group(
    layout: Any, context: bpy.types.Context, group: Group, every: Listing, *, is_open: bool, has_active: bool
) -> None:
    """Draw a group; one result alone has no header of its own.

    :param has_active: whether the active object is one of its meshes: then variants are switched on top of it.
    """
    if len(group.jobs) == 1:
        if has_active:
            draw_variants(layout, context)
        draw_result(layout.column(), context, group.jobs[0], every.before.get(group.jobs[0].id), is_alone=True)
        return
    header, body = layout.panel(f"SCENARIO_results_{token(group.key)}", default_closed=not is_open)
    shown = next((job for job in group.jobs if job.order.images()), group.jobs[0])  # one that changed a mesh has none
    draw_source(header, shown, group.name)
    count = header.row()
    count.alignment, count.active = "RIGHT", False
    count.label(text=str(len(group.jobs)))
    if body is None:
        return
    if has_active:
        draw_variants(body, context)
    manager: Any = context.window_manager
    key = token(group.key)
    rows = manager.scenario_results_rows if manager.scenario_results_group == key else _ROWS
    for job in group.jobs[:rows]:
        draw_result(body, context, job, every.before.get(job.id), is_alone=False)
    if more := len(group.jobs) - min(rows, len(group.jobs)):
        button = body.operator("scenario.show_more", text=translated(f"{more} More"), icon="TRIA_DOWN", emboss=False)
        button.group = key
