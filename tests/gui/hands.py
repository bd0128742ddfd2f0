# SPDX-License-Identifier: GPL-3.0-or-later
"""Mouse and keyboard: simulated events for Blender's main window, one a tick, since those of one tick merge.

All of these are generators for use with ``yield from`` in a walk. Positions are pixels of the window from its lower
left corner; keys have Blender's names (RET, ESC, TAB, LEFTMOUSE, A ... Z, NUMPAD_0 ...).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Final

import bpy

__all__ = [
    "Steps",
    "click",
    "double_click",
    "main_window",
    "move",
    "press",
    "presses",
    "tick",
    "type_text",
    "wait_until",
]

Steps = Generator[None, None, None]

_TICK_S: Final = 0.005
"""How long a round of the main loop takes at least where one waits. With simulated events Blender's own never sleeps: a
walk that waits would keep a processor busy that the stand-in and the other Blenders have need of."""


@dataclass
class _Mouse:
    """Where the one mouse is: Blender does not tell, and wants it with every event."""

    x: int = 0
    y: int = 0
    presses: int = 0
    pressed_s: float = 0.0

    def send(self, kind: str, value: str, **details: bool | str) -> None:
        main_window().event_simulate(type=kind, value=value, x=self.x, y=self.y, **details)


_mouse: Final = _Mouse()


def main_window() -> bpy.types.Window:
    """Give Blender's main window. It is another one after a file was loaded, so ask anew."""
    return bpy.context.window_manager.windows[0]


def tick(count: int = 1) -> Steps:
    """Let Blender go round its main loop `count` times, and take 5 ms for each."""
    for _ in range(count):
        yield from _round()


def _round() -> Steps:
    end_s = time.monotonic() + _TICK_S
    yield  # whatever is to be drawn is drawn here
    if (left_s := end_s - time.monotonic()) > 0:
        time.sleep(left_s)


def wait_until(condition: Callable[[], object], *, what: str, timeout_s: float = 30.0) -> Steps:
    """Let Blender go on until the condition holds; `what` completes "not within 30 s: ...".

    :raises TimeoutError: it did not hold in time.
    """
    end_s = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end_s:
            raise TimeoutError(f"not within {timeout_s:g} s: {what}")
        yield from _round()


def move(x: int, y: int) -> Steps:
    """Move the mouse there, and go on with the next round of the main loop, which knows what is under it."""
    _mouse.x, _mouse.y = x, y
    _mouse.send("MOUSEMOVE", "NOTHING")
    yield


def click(x: int, y: int, *, button: str = "LEFTMOUSE") -> Steps:
    """Move the mouse there, then press and release a mouse button, not so soon that it would be a double click."""
    yield from move(x, y)
    double_click_s = bpy.context.preferences.inputs.mouse_double_click_time / 1000
    yield from wait_until(lambda: time.monotonic() - _mouse.pressed_s > double_click_s, what="another click")
    yield  # a button takes a press only once it is highlighted
    yield from press(button)


def double_click(x: int, y: int) -> Steps:
    """Move the mouse there, then press and release its left button twice, as fast as Blender takes it."""
    yield from click(x, y)
    yield from press("LEFTMOUSE")


def press(key: str, *, ctrl: bool = False, shift: bool = False, alt: bool = False) -> Steps:
    """Press and release a key. The mouse stays where it is, and so decides which editor takes the key."""
    _mouse.presses, _mouse.pressed_s = _mouse.presses + 1, time.monotonic()
    for value in ("PRESS", "RELEASE"):
        _mouse.send(key, value, ctrl=ctrl, shift=shift, alt=alt)
        yield from _round()
    yield from tick()  # what it brings about has happened, and is drawn


def presses() -> int:
    """How often a mouse button or a key was pressed so far, but for what was typed."""
    return _mouse.presses


def type_text(text: str) -> Steps:
    """Type into the field that is being edited; a click on a text field begins that and selects all of it."""
    for character in text:
        key = character.upper() if character.isascii() and character.isalpha() else "SPACE"
        _mouse.send(key, "PRESS", unicode=character)
        yield
        _mouse.send(key, "RELEASE")
        yield
