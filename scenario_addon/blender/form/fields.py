# SPDX-License-Identifier: GPL-3.0-or-later
"""One parameter of a model as a native control: which custom properties hold it, and what they mean.

A custom property with UI data looks and feels like a property of Blender's own, is saved, undone and copied with
the scene, and can change with the service's record at any time. Main thread only.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import bpy

from ...engine.text import shortened
from ..layout.names import Columns, draw_named, draw_property, draw_switch
from .slots import INT32, Slot, is_number, is_text, key_for

if TYPE_CHECKING:
    from ...engine.models.schema import Parameter

__all__ = ["Field", "field_for"]

_SLIDER_STEPS: Final = 200
"""A whole number with more values than this is dragged and typed, not slid."""
_ON_OFF: Final = ({"on", "off"}, {"true", "false"}, {"yes", "no"})
_COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_MOST_KEPT: Final = 500  # a model has a few dozen, and is drawn again and again
_kept: dict[int, Field] = {}  # by the ids of their parameters, which they keep alive, so that no other has them


class Field:
    """A parameter's control. The simplest kind of all: one slot, stored as the service spells it."""

    def __init__(self, parameter: Parameter) -> None:
        self.parameter = parameter
        self.slots = self._slots()

    def _slots(self) -> tuple[Slot, ...]:
        return (self._slot(),)

    def _slot(self) -> Slot:
        raise NotImplementedError

    def is_in(self, settings: Any) -> bool:
        return all(slot.key in settings for slot in self.slots)

    def is_readable(self, settings: Any) -> bool:
        """Whether what is stored is of the control's type; else it is as if it had never been touched."""
        return self.is_in(settings) and all(slot.holds(settings[slot.key]) for slot in self.slots)

    def read(self, settings: Any) -> Any:
        """The value as the service spells it; ``None`` when it is not set."""
        return settings[self.slots[0].key]

    def takes(self, value: Any) -> bool:
        """Whether a value has a place here; ``None`` stands for the default.

        :raises ParamError: the model does not take it.
        """
        is_checked = value is None or self.parameter.takes_pictures
        checked = value if is_checked else self.parameter.check(value)
        return checked is None or self.slots[0].fit(checked) is not None

    def write(self, settings: Any, value: Any) -> None:
        """Set it as the artist would; a value that does not fit is left out."""
        for slot in self.slots:
            stored = slot.fit(value)
            slot.put(settings, slot.default if stored is None else stored)

    def draw(self, layout: bpy.types.UILayout, settings: Any, columns: Columns, *, name: str) -> None:
        draw_property(layout, settings, self.slots[0].path, columns, name=name)

    def _ui(self, **more: Any) -> dict[str, Any]:
        price = "Changes the price" if self.parameter.cost_impact else ""
        text = shortened(self.parameter.description).rstrip(". ")  # Blender puts the full stop
        return {"description": ". ".join(part for part in (text, price) if part), **more}


class _Optional(Field):
    """A control with a switch beside it: off means that the service decides."""

    def _slots(self) -> tuple[Slot, ...]:
        p = self.parameter
        if p.default is not None or p.need.always:
            return (self._slot(),)
        ui = {"default": False, "description": f"Set {p.label}, instead of leaving it to the service"}
        return self._slot(), Slot(key_for(f"{p.name}?"), False, ui, lambda value: value not in (None, False))

    def read(self, settings: Any) -> Any:
        is_set = len(self.slots) == 1 or settings[self.slots[1].key]
        return self._decode(settings[self.slots[0].key]) if is_set else None

    def _decode(self, stored: Any) -> Any:
        raise NotImplementedError

    def draw(self, layout: bpy.types.UILayout, settings: Any, columns: Columns, *, name: str) -> None:
        slider = self._is_slider()
        if len(self.slots) == 1:
            draw_property(layout, settings, self.slots[0].path, columns, name=name, slider=slider)
            return
        row = draw_named(layout, name, columns)
        row.prop(settings, self.slots[1].path, text="")
        value = row.row(align=True)
        value.enabled = bool(settings[self.slots[1].key])
        value.prop(settings, self.slots[0].path, text="", slider=slider)

    def _is_slider(self) -> bool:
        return False


class _Number(_Optional):
    def _slot(self) -> Slot:
        p = self.parameter
        default = self._fit(p.default if p.default is not None else 0)
        limits = {"min": self._low, "soft_min": self._low, "max": self._high, "soft_max": self._high}
        ui = self._ui(default=default, **{name: limit for name, limit in limits.items() if limit is not None})
        if p.minimum is None and default >= 0:
            ui["soft_min"] = 0 if p.is_whole else 0.0
        step = p.step if p.step and p.step > 0 else self._natural_step()
        if p.is_whole:
            ui["step"] = max(int(step), self._natural_step())
        else:
            ui["step"] = step * 100.0  # Blender's float steps are hundredths
            ui["precision"] = min(6, max(1, math.ceil(-math.log10(step))))
        return Slot(key_for(p.name), default, ui, self._fit)

    @property
    def _low(self) -> Any:
        return self._limit(self.parameter.minimum, math.ceil, INT32[0])

    @property
    def _high(self) -> Any:
        return self._limit(self.parameter.maximum, math.floor, INT32[1])

    def _limit(self, limit: float | None, rounded: Callable[[float], int], otherwise: int) -> Any:
        if not self.parameter.is_whole:
            return None if limit is None else float(limit)
        return otherwise if limit is None else min(max(rounded(limit), INT32[0]), INT32[1])

    def _natural_step(self) -> Any:
        """A round hundredth of the range at most: 10000 for a million faces, 0.01 for a factor."""
        p = self.parameter
        hundredth = (p.maximum - p.minimum) / 100 if p.minimum is not None and p.maximum is not None else 0.0
        if not sys.float_info.min <= hundredth < math.inf:
            return 1 if p.is_whole else 0.1
        step = 10.0 ** math.floor(math.log10(hundredth))
        return max(1, int(step)) if p.is_whole else step

    def _fit(self, value: Any) -> Any:
        if not is_number(value):
            return None
        value = round(value) if self.parameter.is_whole else float(value)
        value = value if self._low is None else max(value, self._low)
        return value if self._high is None else min(value, self._high)

    def _decode(self, stored: Any) -> Any:
        # Blender's controls count in 32 bits: 0.7 comes back as 0.699999988
        return int(stored) if self.parameter.is_whole else float(f"{stored:.6g}")

    def _is_slider(self) -> bool:
        p = self.parameter
        if p.minimum is None or p.maximum is None:
            return False
        return not p.is_whole or p.maximum - p.minimum <= _SLIDER_STEPS


class _Color(_Optional):
    """``#rrggbb``. Shown and stored as the screen has it, so the digits come back as they went in."""

    def _slot(self) -> Slot:
        default = self._fit(self.parameter.default) or [1.0, 1.0, 1.0]
        ui = self._ui(default=default, subtype="COLOR_GAMMA", min=0.0, max=1.0, soft_min=0.0, soft_max=1.0)
        return Slot(key_for(self.parameter.name), default, ui, self._fit)

    def _fit(self, value: Any) -> list[float] | None:
        if isinstance(value, str) and _COLOR.fullmatch(value):
            return [int(value[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        if isinstance(value, list) and len(value) == 3 and all(map(is_number, value)):
            return [float(v) for v in value]
        return None

    def _decode(self, stored: Any) -> str:
        return "#" + "".join(f"{round(min(max(v, 0.0), 1.0) * 255):02x}" for v in stored)


class _Switch(Field):
    """A boolean, or a choice between two words that mean one."""

    def _slot(self) -> Slot:
        words = [choice.value for choice in self.parameter.choices]
        self._words: dict[bool, Any] = {_is_on(word): word for word in words} or {True: True, False: False}
        default = self._fit(self.parameter.default)
        return Slot(key_for(self.parameter.name), default, self._ui(default=default), self._fit)

    def _fit(self, value: Any) -> bool | None:
        return _is_on(value) if isinstance(value, bool) or value in self._words.values() else None

    def read(self, settings: Any) -> Any:
        return self._words[bool(settings[self.slots[0].key])]

    def draw(self, layout: bpy.types.UILayout, settings: Any, columns: Columns, *, name: str) -> None:
        draw_switch(layout, settings, self.slots[0].path, columns, name=name)


class _Choice(Field):
    """A number whose items are named by the value they stand for, so that a changed list shifts nothing."""

    def _slot(self) -> Slot:
        p = self.parameter
        entries: list[tuple[Any, str]] = [(choice.value, choice.label) for choice in p.choices]
        if p.kind == "boolean":
            entries = [(True, "On"), (False, "Off")]
        if p.default not in [value for value, _ in entries]:
            entries.insert(0, (None, "Choose" if p.need.always else "Automatic"))
        self._values = [value for value, _ in entries]
        items = [(json.dumps(value), label, "", 0, i) for i, (value, label) in enumerate(entries)]
        default = self._values.index(p.default) if p.default in self._values else 0
        return Slot(key_for(p.name), default, self._ui(default=default, items=items), self._fit)

    def _fit(self, value: Any) -> int | None:
        return self._values.index(value) if value in self._values else None

    def read(self, settings: Any) -> Any:
        index = int(settings[self.slots[0].key])
        return self._values[index] if 0 <= index < len(self._values) else self.parameter.default


class _Text(Field):
    def _slot(self) -> Slot:
        default = self._fit(self.parameter.default) or ""
        return Slot(key_for(self.parameter.name), default, self._ui(default=default), self._fit)

    def _fit(self, value: Any) -> str | None:
        return value if is_text(value) else None

    def read(self, settings: Any) -> Any:
        text = str(settings[self.slots[0].key])
        return self._decode(text) if text.strip() or self.parameter.default is not None else None

    def _decode(self, text: str) -> Any:
        return text

    def draw(self, layout: bpy.types.UILayout, settings: Any, columns: Columns, *, name: str) -> None:
        options = {"placeholder": self._placeholder()}
        draw_property(layout, settings, self.slots[0].path, columns, name=name, **options)

    def _placeholder(self) -> str:
        return self.parameter.placeholder


class _List(_Text):
    """Entries separated by commas; objects as JSON. What cannot be read is left for the engine to complain about."""

    def _fit(self, value: Any) -> str | None:
        if not isinstance(value, list):
            return super()._fit(value)
        is_plain = all(isinstance(v, int | float) or (isinstance(v, str) and "," not in v) for v in value)
        text = ", ".join(str(v) for v in value) if is_plain else json.dumps(value, ensure_ascii=False)
        return super()._fit(text)

    def _decode(self, text: str) -> Any:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, list) or self.parameter.kind == "inputs_array":
            return text if value is None else value
        return [self._item(part.strip()) for part in text.split(",") if part.strip()]

    def _item(self, text: str) -> Any:
        return self.parameter.read(text) if self.parameter.kind == "number_array" else text

    def _placeholder(self) -> str:
        kind = self.parameter.kind
        example = {"number_array": "1, 2, 3", "inputs_array": '[{"name": "value"}]'}.get(str(kind), "One, Another")
        return self.parameter.placeholder or example


class _Several(Field):
    """Any number of the allowed values: one switch for each."""

    def _slots(self) -> tuple[Slot, ...]:
        return tuple(self._slot_of(choice.value) for choice in self.parameter.choices)

    def _slot_of(self, choice: Any) -> Slot:
        def fit(value: Any) -> bool | None:
            return value if isinstance(value, bool) else (choice in value if isinstance(value, list) else None)

        default = choice in (self.parameter.default or [])
        return Slot(key_for(f"{self.parameter.name}={choice}"), default, self._ui(default=default), fit)

    def read(self, settings: Any) -> Any:
        pairs = zip(self.parameter.choices, self.slots, strict=True)
        chosen = [choice.value for choice, slot in pairs if settings[slot.key]]
        return chosen if chosen or self.parameter.default is not None else None

    def draw(self, layout: bpy.types.UILayout, settings: Any, columns: Columns, *, name: str) -> None:
        column = layout.column(align=True)
        draw_named(column, name, columns).label(text="")
        for choice, slot in zip(self.parameter.choices, self.slots, strict=True):
            draw_switch(column.row(), settings, slot.path, columns, name=choice.label)


class _Picture(_Text):
    """One more picture, such as a mask, as a path."""

    def _slot(self) -> Slot:
        return Slot(key_for(self.parameter.name), "", self._ui(default="", subtype="FILE_PATH"), self._fit)

    def _decode(self, text: str) -> str:
        return bpy.path.abspath(text)


def field_for(parameter: Parameter) -> Field | None:
    """The control of a parameter; ``None`` where a value cannot be given at all."""
    if not parameter.is_supported:
        return None
    if len(_kept) > _MOST_KEPT:
        _kept.clear()
    return _kept.get(id(parameter)) or _kept.setdefault(id(parameter), _class_for(parameter)(parameter))


def _class_for(p: Parameter) -> type[Field]:
    if p.kind.is_file:
        return _Picture
    if p.kind in ("string_array", "number_array") and p.choices:
        return _Several
    if p.kind in ("string_array", "number_array", "model_array", "inputs_array"):
        return _List
    if p.default is not None and (p.kind == "boolean" or _is_on_off(p)):
        return _Switch
    if p.choices or p.kind == "boolean":
        return _Choice
    if p.kind == "number":
        return _Number
    return _Color if p.is_color and (p.default is None or _COLOR.fullmatch(str(p.default))) else _Text


def _is_on_off(parameter: Parameter) -> bool:
    words = [str(choice.value).lower() for choice in parameter.choices]
    return len(words) == 2 and set(words) in _ON_OFF


def _is_on(word: Any) -> bool:
    return str(word).lower() in ("on", "true", "yes")
