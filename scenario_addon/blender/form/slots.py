# SPDX-License-Identifier: GPL-3.0-or-later
"""One custom property that holds (a part of) a parameter's value: its type, its UI data, what may be found in it.

A script, another version of the add-on or another file may leave anything there. Main thread only.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import bpy

__all__ = ["INT32", "Slot", "is_number", "is_text", "key_for", "plain"]

INT32: Final = (-(2**31), 2**31 - 1)
"""The whole numbers that a custom property holds."""
_KEY_BYTES: Final = 63


@dataclass(frozen=True)
class Slot:
    key: str
    default: Any
    """Says of which type it is: a switch, a choice or a whole number, a number, a text, a colour."""
    ui: Mapping[str, Any]
    fit: Callable[[Any], Any]
    """From a value as the service spells it to what is stored; ``None`` for one that has no place here."""

    @property
    def path(self) -> str:
        """As a layout wants it."""
        return f'["{bpy.utils.escape_identifier(self.key)}"]'

    def holds(self, stored: Any) -> bool:
        """Whether a stored value is of this type, so that a control can show it and the service could take it."""
        if isinstance(self.default, bool):
            return isinstance(stored, bool | int) and stored in (0, 1)
        if isinstance(self.default, str):
            return is_text(stored)
        if isinstance(self.default, list):
            parts = plain(stored)
            return isinstance(parts, list) and len(parts) == len(self.default) and all(map(is_number, parts))
        if "items" in self.ui:
            return is_number(stored) and isinstance(stored, int) and 0 <= stored < len(self.ui["items"])
        is_whole = isinstance(self.default, int)
        return is_number(stored) and not (is_whole and not INT32[0] <= stored <= INT32[1])

    def put(self, settings: Any, value: Any) -> None:
        """Store a value, and what Blender shows it by: both are lost where there was one of another type."""
        if self.key in settings and type(settings[self.key]) is not type(value):
            del settings[self.key]
        settings[self.key] = value
        settings.id_properties_ui(self.key).update(**self.ui)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_text(value: Any) -> bool:
    """Whether it is a text that can be stored and sent. Blender ends itself when it is given half a character."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def plain(stored: Any) -> Any:
    """A list as Python's own."""
    return stored.to_list() if hasattr(stored, "to_list") else stored


def key_for(name: str) -> str:
    """The parameter's own name, for scripts, unless Blender has another use for it or none."""
    raw = name.encode(errors="surrogatepass")
    if name == "name" or len(raw) > _KEY_BYTES or not is_text(name):
        return "p" + hashlib.sha256(raw).hexdigest()[:16]
    return name
