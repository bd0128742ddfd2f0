# SPDX-License-Identifier: GPL-3.0-or-later
"""Choosing a model in the popup: looking, searching, stars, ticks. Done inside Blender by test_choosing.py."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

import bpy

from tests.gui.eyes import shot
from tests.gui.hands import click, press, tick, type_text, wait_until
from tests.gui.inside import Walk
from tests.gui.model_list import (
    click_in_list,
    close_list,
    find_in_list,
    names,
    open_list,
    pictures,
    the_list,
    wait_for_pictures,
)
from tests.gui.scenario_tab import choose_picture, open_tab, session, settings, texts, undo, wait_for_price

__all__ = ["looks", "picks"]


def _look(scale: float, theme: str) -> None:
    bpy.context.preferences.view.ui_scale = scale
    if theme == "light":
        path = next(p for p in bpy.utils.preset_paths("interface_theme") for p in [f"{p}/Blender_Light.xml"])
        bpy.ops.script.execute_preset(filepath=path, menu_idname="USERPREF_MT_interface_theme_presets")


def looks(picture: str, looks: list[tuple[float, str]]) -> Walk:
    """In each scale and theme open the list twice, and look at it."""
    yield from open_tab()
    yield from choose_picture(picture)
    yield from wait_for_price()
    found = []
    for scale, theme in looks:
        _look(scale, theme)
        yield from tick(20)
        found.append((yield from _opens_thrice(f"{scale:.0%} {theme}".replace("%", ""))))
    return found


def _opens_thrice(name: str) -> Generator[None, None, dict[str, Any]]:
    found: dict[str, Any] = {}
    yield from open_list()
    yield from wait_for_pictures()
    shot(f"{name} first")
    region = the_list()._region
    found["height"], found["window"] = region.height, bpy.context.window_manager.windows[0].height
    yield from close_list()
    yield from open_list()
    found["pictures"], found["rows"] = pictures(), len(names())
    yield from tick(3)
    shot(f"{name} second")
    yield from close_list()
    session().icons.clear()  # as in a Blender that was just started
    session().icons.ready.clear()
    yield from open_list()
    began_s = time.monotonic()
    yield from wait_until(lambda: pictures() == len(names()), what="the pictures")
    found["decoded in"] = time.monotonic() - began_s
    yield from close_list()
    return found


def picks(picture: str) -> Walk:
    """Search, star, tick three, be refused a fifth, and choose one again."""
    yield from open_tab()
    yield from choose_picture(picture)
    yield from wait_for_price()
    found: dict[str, Any] = {}
    yield from open_list()
    yield from wait_for_pictures()
    yield from type_text("birch picture")
    yield from wait_for_pictures()
    shot("search")
    found["searched"] = names()
    yield from press("RET")
    yield from click_in_list("scenario.star_model", "model_sample-011")
    yield from click_in_list("scenario.tick_model", "model_sample-001")
    yield from click_in_list("scenario.tick_model", "model_sample-011")
    found["ticked"] = f"{settings().model} {settings().more_models}"
    shot("three ticked")
    yield from click_in_list("scenario.tick_model", "model_sample-031")
    yield from click_in_list("scenario.tick_model", "model_sample-041")
    found["note"], found["after the fifth"] = the_list().note, f"{settings().model} {settings().more_models}"
    shot("a fifth")
    yield from click_in_list("scenario.tick_model", "model_sample-031")
    yield from close_list()
    yield from tick(10)
    found["several"] = yield from texts()
    shot("tab with several")
    yield from open_list()
    yield from tick(10)
    found["first"] = names()[0]
    shot("star first")
    yield from type_text("pixal")
    yield from tick(5)
    yield from press("RET")
    yield from press("RET")
    yield from wait_until(lambda: the_list() is None, what="the list to be closed")
    found["chosen"] = f"{settings().model} {settings().more_models}"
    yield from wait_for_price()
    shot("chosen")
    yield from undo()
    found["undone"] = f"{settings().model} {settings().more_models}"
    yield from open_list()
    yield from press("RET")
    name = yield from find_in_list("scenario.choose_model", "model_rodin-hyper3d")
    yield from close_list()
    yield from open_list()
    yield from click(*name)  # while the field takes what is typed
    yield from wait_until(lambda: the_list() is None, what="the list to be closed")
    found["pressed"] = f"{settings().model} {settings().more_models}"
    return found
