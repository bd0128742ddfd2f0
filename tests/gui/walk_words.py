# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of test_words.py: Blender's language is changed while the extension is looked at. Runs inside Blender."""

from __future__ import annotations

import importlib

import bpy

from tests.gui.eyes import click_operator, shot, show_editor
from tests.gui.hands import Steps, press, tick, wait_until
from tests.gui.inside import Walk
from tests.gui.model_list import close_list, open_list
from tests.gui.scenario_tab import (
    ADDON,
    button_text,
    choose_picture,
    generate,
    open_preferences,
    open_tab,
    texts,
    wait_for_meshes,
)
from tests.gui.scenario_tab import wait_for_price as price


def speaks(picture: str, locale: str) -> Walk:
    """Look at the tab in English, in another language, and in English again; at popups and preferences in between."""
    yield from open_tab()
    yield from choose_picture(picture)
    yield from price()
    yield from _use(locale)
    shot(f"{locale} 1 tab")
    found = {"tab": (yield from texts()), "button": (yield from button_text())}
    yield from open_list()
    yield from tick(40)
    shot(f"{locale} 2 models")
    yield from close_list()
    yield from generate()
    yield from wait_for_meshes()
    yield from tick(20)
    yield from click_operator("scenario.job_menu")
    yield from tick(20)
    shot(f"{locale} 3 menu of a result")
    yield from press("ESC")
    yield from tick(5)
    found["results"] = yield from texts("SCENARIO_PT_jobs")
    yield from open_preferences()
    shot(f"{locale} 4 preferences")
    yield from show_editor("VIEW_3D")
    yield from _use("en_US")
    yield from open_tab()
    return {**found, "english again": (yield from texts())}


def _use(locale: str) -> Steps:
    """Choose a language, as the preferences do, and wait for the extension to follow."""
    view = bpy.context.preferences.view
    view.language = locale
    view.use_translate_interface = view.use_translate_tooltips = view.use_translate_reports = True
    language = importlib.import_module(f"{ADDON}.blender.words.language")
    yield from wait_until(
        lambda: language._state.locale == bpy.app.translations.locale, what="the extension's own words"
    )
    yield from tick(20)
