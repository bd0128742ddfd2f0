# SPDX-License-Identifier: GPL-3.0-or-later
"""A layout that remembers what is drawn, as strict as Blender's own about names of operators, properties and icons."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Self

import bpy

__all__ = ["KNOWN", "FakeLayout", "drawn", "in_sidebar"]

KNOWN: dict[str, str] = {}
"""What Blender has been given to translate by itself."""
_LABEL = bpy.types.UILayout.bl_rna.functions["label"].parameters
_ICONS = frozenset(_LABEL["icon"].enum_items.keys())
_FUNCTIONS = frozenset(bpy.types.UILayout.bl_rna.functions.keys())


class FakeLayout:
    """One layout or a part of one; all parts share what they remember."""

    def __init__(self, parent: FakeLayout | None = None) -> None:
        self.alert = parent.alert if parent else False
        self.enabled = parent.enabled if parent else True
        self.texts: list[str] = parent.texts if parent else []
        """Everything that can be read, in order."""
        self.alerts: list[str] = parent.alerts if parent else []
        """What is red of it."""
        self.operators: list[_Button] = parent.operators if parent else []
        self.properties: list[str] = parent.properties if parent else []
        self.menus: list[str] = parent.menus if parent else []
        self.is_enabled: dict[str, bool] = parent.is_enabled if parent else {}
        """By property."""

    def __str__(self) -> str:
        """Everything that can be read; a sentence on several lines reads as one."""
        return " ".join(self.texts)

    @property
    def red(self) -> str:
        """What is red of it, likewise."""
        return " ".join(self.alerts)

    def button(self, operator: str, text: str | None = None) -> _Button:
        """The one button of an operator, told apart by its text where need be."""
        (found,) = [b for b in self.operators if b.operator == operator and text in (None, b.text)]
        return found

    def row(self, **options: Any) -> Self:
        return self._part()

    column = box = split = grid_flow = column_flow = row

    def panel(self, idname: str, *, default_closed: bool = False) -> tuple[Self, Self]:
        return self._part(), self._part()

    def separator(self, **options: Any) -> None: ...

    def label(self, *, text: str = "", icon: str = "NONE", icon_value: int = 0, translate: bool = True) -> None:
        self._read(text, icon)

    def progress(self, *, text: str, factor: float, type: str) -> None:
        assert 0.0 <= factor <= 1.0
        self._read(text, "NONE")

    def template_icon(self, icon_value: int, *, scale: float) -> None:
        assert icon_value

    def template_ID(self, data: Any, name: str, *, new: str = "", open: str = "") -> None:  # noqa: N802
        self._property(data, name)

    def prop(self, data: Any, name: str, *, text: str | None = None, icon: str = "NONE", **options: Any) -> None:
        assert set(options) <= set(bpy.types.UILayout.bl_rna.functions["prop"].parameters.keys())
        self._property(data, name)
        self._read(text or "", icon)

    def prop_enum(self, data: Any, name: str, value: str) -> None:
        item = data.bl_rna.properties[name].enum_items[value]
        self._property(data, name)
        self.is_enabled[f"{name}={value}"] = self.enabled
        self._read(item.name, "NONE")

    def operator(
        self,
        operator: str,
        *,
        text: str | None = None,
        icon: str = "NONE",
        emboss: bool = True,
        icon_value: int = 0,
        translate: bool = True,
    ) -> _Button:
        button = _Button(operator, text, is_enabled=self.enabled)
        self.operators.append(button)
        self._read(text if text is not None else button.rna.name, icon)
        return button

    def menu(self, menu: str, *, text: str | None = None, icon: str = "NONE", translate: bool = True) -> None:
        self.menus.append(menu)
        self._read(text if text is not None else getattr(bpy.types, menu).bl_label, icon)

    def template_popup_confirm(
        self, operator: str, *, text: str, cancel_text: str, cancel_default: bool = False
    ) -> _Button:
        assert not cancel_text
        return self.operator(operator, text=text)

    def _part(self) -> Self:
        return type(self)(self)

    def _read(self, text: str, icon: str) -> None:
        assert icon in _ICONS, icon
        if text := KNOWN.get(text, text):
            self.texts.append(text)
            if self.alert:
                self.alerts.append(text)

    def _property(self, data: Any, name: str) -> None:
        assert data.path_resolve(name) is not None if name.startswith("[") else name in data.bl_rna.properties, name
        self.properties.append(name)
        self.is_enabled[name] = self.enabled


class _Button:
    """What ``UILayout.operator`` gives: takes the operator's own properties and no others."""

    def __init__(self, operator: str, text: str | None, *, is_enabled: bool) -> None:
        category, name = operator.split(".")
        self.__dict__.update(operator=operator, text=text, is_enabled=is_enabled, values={})
        self.__dict__["rna"] = getattr(getattr(bpy.ops, category), name).get_rna_type()

    def __setattr__(self, name: str, value: Any) -> None:
        assert name in self.rna.properties, f"{self.operator} has no {name}"
        self.values[name] = value


class _Panel:
    def __init__(self, layout: FakeLayout) -> None:
        self.layout = layout


def in_sidebar() -> AbstractContextManager[object]:
    """Act as if the sidebar of the 3D viewport were being drawn."""
    area = next(area for area in bpy.context.window.screen.areas if area.type == "VIEW_3D")
    region = next(region for region in area.regions if region.type == "UI")
    return bpy.context.temp_override(area=area, region=region)


def drawn(panel: str) -> FakeLayout:
    """What a panel or the preferences would show now; empty where it does not want to be there."""
    layout, kind = FakeLayout(), getattr(bpy.types, panel)
    with in_sidebar():
        if not hasattr(kind, "poll") or kind.poll(bpy.context):
            kind.draw(_Panel(layout), bpy.context)
    return layout
