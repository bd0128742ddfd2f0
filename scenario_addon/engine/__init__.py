# SPDX-License-Identifier: GPL-3.0-or-later
"""From a picture to a checked 3D model on disk, without Blender.

The names below are loaded when they are first used: requests and pydantic cost more time than enabling an add-on may.
"""

from __future__ import annotations

import importlib
from typing import Any, Final

_HOMES: Final = {
    "Catalogue": "catalogue",
    "DEFAULT_MODEL_ID": "catalogue",
    "Order": "values",
    "Request": "order",
    "Runner": "runner",
    "ScenarioClient": "client",
    "Store": "store",
    "allow_price": "actions",
    "cancel": "actions",
    "connect": "connection",
    "draft": "order",
    "examine": "doctor",
    "fetch_again": "actions",
    "is_under_way": "actions",
    "make_order": "order",
    "mark_imported": "actions",
    "move_in": "heritage",
    "prepare": "picture",
    "quote_with_pictures": "pricing",
    "restore_backup": "repair",
    "retry": "actions",
    "submit_again": "actions",
    "try_other_file": "actions",
}

__all__ = list(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__} has no attribute {name}")
