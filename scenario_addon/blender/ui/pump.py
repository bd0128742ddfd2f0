# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps jobs moving while Blender runs. Main thread only.

:func:`pump` does the work, whoever calls it; ``handlers`` has Blender call what is here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

import bpy

from ..account.balance import refresh as refresh_balance
from ..app.session import session
from ..delivery.delivery import awaits_delivery, deliver_ready, hands_are_free, modal_operators
from ..delivery.portraits import refresh as refresh_portraits
from ..form import parameters
from ..form.chosen import chosen_models, chosen_step
from ..form.properties import scene_settings
from ..request.quotes import ask_by_itself
from ..request.thumbnails import refresh as refresh_thumbnail
from ..studio.updates import changed
from ..words.language import translated_report

__all__ = ["arm", "begin", "end", "escape", "file_loaded", "go_on", "look", "pump", "redraw", "scene_changed", "status"]

log = logging.getLogger(__name__)

_TICK_S: Final = 0.1
_SECOND_S: Final = 1.0
"""How often times and progress are drawn anew while a job runs."""
_DRAWN: Final = {"VIEW_3D": {"UI"}, "IMAGE_EDITOR": {"UI"}, "PREFERENCES": {"WINDOW"}}
"""What shows jobs or prices: regions by area."""


def pump() -> None:
    """Move everything on by one step. Never raises, and blocks for the import of a mesh that has arrived only."""
    works = (session.tick, deliver_ready, _sync_form, ask_by_itself, refresh_thumbnail)
    changes = [_safely(work) for work in (*works, refresh_portraits, refresh_balance)]
    if any(changes):
        _safely(_look_for_problems)
    is_time = bool(session.jobs.active) and time.monotonic() - session.redrawn_at_s > _SECOND_S
    if any(changes) or is_time:
        _safely(redraw)


def _safely(work: Callable[[], bool | None]) -> bool:
    try:
        return bool(work())
    except Exception:  # an error of ours would end the timer for good
        log.exception("%s broke", work.__name__)
        return False


def redraw() -> None:
    """Have whatever shows jobs or prices drawn anew."""
    session.redrawn_at_s = time.monotonic()
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            for region in area.regions if area.type in _DRAWN else ():
                if region.type in _DRAWN[area.type]:
                    region.tag_redraw()
        # The status bar is no area for Python; being told that it has no text of its own draws it anew. While another
        # operator runs, it may have one.
        if hands_are_free():
            window.workspace.status_text_set(None)


def arm() -> None:
    """Start the modal operator where there is a window and something to do."""
    windows = bpy.context.window_manager.windows
    if bpy.app.background or session.timer or not windows or not _is_needed():
        return
    if None in modal_operators():  # Blender 4.3 crashes when another is added beside such a one
        return
    with bpy.context.temp_override(window=windows[0]):
        bpy.ops.scenario.watch("INVOKE_DEFAULT")  # pyright: ignore[reportAttributeAccessIssue]


def _is_needed() -> bool:
    """Whether there is anything to come back for often."""
    is_coming = any(awaits_delivery(job) for job in session.jobs.ready)
    return session.is_busy or is_coming or bool(session.announcements)


def _look_for_problems() -> None:
    """Have what has gone wrong with a job announced."""
    if session.is_ready and not bpy.app.background:
        session.announcements.look_at(session.jobs.values(), is_stuck=session.jobs.is_stuck)


def _sync_form() -> bool:
    """Give the shown scenes the settings that their model has. Drawing may not write, so it happens here."""
    if not session.is_ready:
        return False
    synced = False
    for scene in {window.scene for window in bpy.context.window_manager.windows}:
        settings = scene_settings(scene)
        # An image's small picture is made by Blender once it is asked for, which drawing may not do.
        if settings.image is not None and settings.image.preview is None:
            settings.image.preview_ensure()
        for model in map(session.models.in_use, [*chosen_models(settings), chosen_step(settings)]):
            if model is not None and not parameters.is_synced(settings.models, model):
                if note := parameters.catch_up(settings.models, model):
                    session.tell("settings", note)
                synced = True
    return synced


def begin(operator: bpy.types.Operator, context: bpy.types.Context) -> set[str]:
    """Have the modal operator woken by a timer, unless another one is already."""
    if session.timer or bpy.app.background:
        return {"CANCELLED"}
    session.timer = context.window_manager.event_timer_add(_TICK_S, window=context.window)
    context.window_manager.modal_handler_add(operator)
    return {"RUNNING_MODAL"}


def go_on(operator: bpy.types.Operator) -> bool:
    """Do what the modal operator is woken for; says whether it is still needed.

    :param operator: its reports are what Blender shows in the status bar, and keeps in the info editor.
    """
    pump()
    news = session.announcements.take()
    if news and session.connection is not None:
        session.models.freshen(session.connection.client)  # a mesh that has come may be refined by one of the list
    for level, text in news:
        operator.report({level}, translated_report(text))  # pyright: ignore[reportArgumentType]
    if not _is_needed():
        end()
    return session.timer is not None


def end() -> None:
    if session.timer is not None:
        bpy.context.window_manager.event_timer_remove(session.timer)
        session.timer = None


def scene_changed(graph: bpy.types.Depsgraph) -> None:
    """Note that pictures may show something else now."""
    watches = session.shots is not None and session.shots.is_watching
    if session.thumbnail is None and not watches:
        return  # looking at each update makes an object of Python for each
    if found := changed(graph.updates):
        session.changes += 1
        if session.shots is not None:
            session.shots.note_changes(found)


def escape() -> None:
    """Stop taking pictures and exporting: Esc was pressed, and nothing else was under way that it could mean."""
    if session.shots is not None and session.shots.is_busy and hands_are_free():
        session.shots.cancel()
    if session.exporter is not None and session.exporter.is_busy and hands_are_free():
        session.exporter.cancel()


def look() -> None:
    """Start the operator again when Blender has ended it, or when there is something new."""
    if session.timer is None:
        pump()
        _safely(arm)


def file_loaded() -> None:
    """Note that another file is open: what was asked for in the one before waits for it, or for a button."""
    session.file_changed()
    # Blender has cancelled the operator and freed its timer, but may not have said so.
    session.timer = None


def status() -> str:
    """A short line while something runs, else ""."""
    jobs = session.jobs.active
    if not jobs:
        return ""
    first = jobs[0]
    progress = f" {first.progress:.0%}" if first.progress else ""
    others = f", {len(jobs) - 1} more" if len(jobs) > 1 else ""
    return f"Scenario: {first.order.name}{progress}{others}"
