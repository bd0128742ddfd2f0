# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what a panel shows: its texts are recorded while Blender draws it for real.

UILayout.introspect() would tell as well, but crashes Blender 5.2.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import bpy

from tests.gui import eyes
from tests.gui.hands import wait_until

__all__ = ["Item", "read_panel"]


@dataclass(frozen=True)
class Item:
    """A call of a layout, such as ``operator``, ``label``, ``prop`` or ``progress``.

    `name` is the operator's or the property's; `text` is ``None`` where the panel leaves it to Blender.
    """

    kind: str
    text: str | None
    name: str = ""


def read_panel(panel: str, *, editor: str = "VIEW_3D") -> Generator[None, None, list[Item]]:
    """Have a panel such as "SCENARIO_PT_main" drawn anew, and give what it shows, from top to bottom.

    :raises TimeoutError: the panel is not drawn: closed, in another tab, or without its poll's consent.
    """
    panel_class = getattr(bpy.types, panel)
    draw = panel_class.draw
    drawings: list[list[Item]] = []

    def recorded(self: bpy.types.Panel, context: bpy.types.Context) -> None:
        items: list[Item] = []
        draw(_Self(self, items), context)
        drawings.append(items)

    def drawn() -> bool:
        eyes.region(editor).tag_redraw()
        return bool(drawings)

    panel_class.draw = recorded
    try:
        yield from wait_until(drawn, what=f"{panel} to be drawn")
    finally:
        panel_class.draw = draw
    return drawings[-1]


class _Self:
    """A panel whose layout records."""

    def __init__(self, panel: bpy.types.Panel, items: list[Item]) -> None:
        self._panel = panel
        self.layout = _Layout(panel.layout, items)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._panel, name)


class _Layout:
    """Passes everything on to a real layout, and notes the calls that show something."""

    def __init__(self, layout: bpy.types.UILayout, items: list[Item]) -> None:
        object.__setattr__(self, "_layout", layout)
        object.__setattr__(self, "_items", items)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._layout, name, value)

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._layout, name)
        if not callable(member):
            return member

        def call(*positional: Any, **named: Any) -> Any:
            if "text" in named or name in ("operator", "prop"):
                names = [value for value in (*positional, *named.values()) if isinstance(value, str)]
                target = names[0] if positional and names else ""
                self._items.append(Item(name, named.get("text"), target))
            return self._wrapped(member(*positional, **named))

        return call

    def _wrapped(self, made: Any) -> Any:
        if isinstance(made, bpy.types.UILayout):
            return _Layout(made, self._items)
        if isinstance(made, tuple):  # layout.panel() gives a header and a body
            return tuple(self._wrapped(part) for part in made)
        return made
