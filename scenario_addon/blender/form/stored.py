# SPDX-License-Identifier: GPL-3.0-or-later
"""What a property group holds, where a script, another version or a damaged file may have stored anything.

Blender itself passes over values of another type. It raises for a text that is none, gives "" for a number that no item
has, and any number whatever the limits.
"""

from __future__ import annotations

import math
from typing import Any

__all__ = ["choice", "number", "strange", "text"]


def text(group: Any, name: str) -> str:
    """A text; the default where there is none."""
    found = _text(group, name)
    return _property(group, name).default if found is None else found


def choice(group: Any, name: str) -> str:
    """One of the items of a choice; the default where it is none."""
    return getattr(group, name) or _property(group, name).default


def number(group: Any, name: str) -> Any:
    """A number within the limits of its property; the default where there is none."""
    about, found = _property(group, name), getattr(group, name)
    return min(max(found, about.hard_min), about.hard_max) if math.isfinite(found) else about.default


def strange(group: Any) -> list[str]:
    """What the properties are called whose values cannot be used."""
    return [p.name for p in group.bl_rna.properties if not p.is_hidden and not _is_usable(group, p)]


def _is_usable(group: Any, about: Any) -> bool:
    if about.type == "STRING":
        return _text(group, about.identifier) is not None
    if about.type == "ENUM":
        return about.is_enum_flag or bool(getattr(group, about.identifier))
    return about.type != "FLOAT" or math.isfinite(getattr(group, about.identifier))


def _text(group: Any, name: str) -> str | None:
    try:
        return getattr(group, name)
    except UnicodeDecodeError:
        return None


def _property(group: Any, name: str) -> Any:
    return group.bl_rna.properties[name]
