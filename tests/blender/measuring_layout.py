# SPDX-License-Identifier: GPL-3.0-or-later
"""A layout that knows how wide it is, and notes the texts that Blender would cut.

The figures are those of the windows of 4.3 and 5.2: what stands beside the rows of a sidebar, and beside the text of a
label, of a switch, of a button.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Final, Self

import blf
import bpy
import pytest

from scenario_addon.blender.layout import wrapping
from tests.blender.fake_layout import KNOWN, FakeLayout, in_sidebar

__all__ = ["SIDEBARS", "MeasuringLayout", "sidebar"]

SIDEBARS: Final = [(220, 1.0), (220, 1.5), (291, 1.0), (291, 1.5), (291, 2.0)]
"""Widths of a sidebar at a scale of 1, as in a new editor and as in the factory's file, and scales."""
_BESIDE_ROWS_PX: Final = 55
_LABEL_PX: Final = 8
_SWITCH_PX: Final = 28
_BUTTON_PX: Final = 16
_ICON_PX: Final = 20
_NAMES: Final = 0.4
"""Of a row, where use_property_split has the names end."""


class MeasuringLayout(FakeLayout):
    """All parts of a sidebar, from the whole of it down to a column of a row."""

    def __init__(self, parent: MeasuringLayout | None = None, *, width_px: int = 0, scale: float = 1.0) -> None:
        super().__init__(parent)
        self.scale: float = parent.scale if parent else scale
        self.width_px: float = parent.next_width_px() if parent else (width_px - _BESIDE_ROWS_PX) * scale
        self.use_property_split: bool = parent.use_property_split if parent else False
        self.cut: list[str] = parent.cut if parent else []
        """What would be cut, in order."""
        self._parts: list[float] = []

    def next_width_px(self) -> float:
        return self.width_px * (self._parts.pop(0) if self._parts else 1.0)

    def split(self, *, factor: float = 0.5, **options: Any) -> Self:
        part = self._part()
        part._parts = [factor, 1.0 - factor]
        return part

    def grid_flow(self, *, columns: int, **options: Any) -> Self:
        part = self._part()
        part.width_px /= columns
        return part

    def label(self, *, text: str = "", icon: str = "NONE", icon_value: int = 0, translate: bool = True) -> None:
        super().label(text=text, icon=icon, icon_value=icon_value, translate=translate)
        self._measure(text, _LABEL_PX + (_ICON_PX if icon != "NONE" or icon_value else 0), self.width_px)

    def prop(self, data: Any, name: str, *, text: str | None = None, icon: str = "NONE", **options: Any) -> None:
        super().prop(data, name, text=text, icon=icon, **options)
        about = None if name.startswith("[") else data.bl_rna.properties[name]
        shown = about.name if text is None and about is not None else text or ""
        is_switch = about.type == "BOOLEAN" if about is not None else isinstance(data.path_resolve(name), bool)
        if self.use_property_split and not is_switch:
            self._measure(shown, _LABEL_PX, _NAMES * self.width_px)
        else:
            room_px = self.width_px * (1.0 - _NAMES) if self.use_property_split else self.width_px
            self._measure(shown, _SWITCH_PX, room_px)

    def operator(self, operator: str, *, text: str | None = None, icon: str = "NONE", emboss: bool = True) -> Any:
        button = super().operator(operator, text=text, icon=icon, emboss=emboss)
        self._measure(
            text if text is not None else button.rna.name, _BUTTON_PX + _ICON_PX * (icon != "NONE"), self.width_px
        )
        return button

    def _measure(self, text: str, beside_px: float, room_px: float) -> None:
        text = KNOWN.get(text, text)
        blf.size(0, 11 * self.scale)
        if text and blf.dimensions(0, text)[0] + beside_px * self.scale > room_px:
            self.cut.append(text)


@contextmanager
def sidebar(monkeypatch: pytest.MonkeyPatch, width_px: int, scale: float) -> Iterator[MeasuringLayout]:
    """Act as if a sidebar of this width were being drawn: there is none without a window."""
    preferences = SimpleNamespace(system=SimpleNamespace(ui_scale=scale), ui_styles=bpy.context.preferences.ui_styles)
    context = SimpleNamespace(region=SimpleNamespace(width=round(width_px * scale)), preferences=preferences)
    with monkeypatch.context() as patch, in_sidebar():
        patch.setattr(wrapping, "bpy", SimpleNamespace(context=context, types=bpy.types))
        yield MeasuringLayout(width_px=width_px, scale=scale)
