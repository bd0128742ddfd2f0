# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists: what a query asks for of them, and in which pages."""

from __future__ import annotations

import base64
import binascii
from typing import TypeVar

from .values import refuse

__all__ = ["page_of", "wanted_types"]

Item = TypeVar("Item")


def page_of(
    items: list[Item], query: dict[str, str], *, default_size: int, max_size: int
) -> tuple[list[Item], dict[str, str]]:
    """The page a query asks for, and ``nextPaginationToken`` when more follow. :raises RefusalError: 400."""
    text = query.get("pageSize", str(default_size))
    if not text.isdecimal():
        refuse(400, '"pageSize" must be a number')
    size = int(text)
    if not 1 <= size <= max_size:
        refuse(
            400,
            f'"pageSize" must be less than or equal to {max_size}' if size else '"pageSize" must be at least 1',
        )
    start = _start(query.get("paginationToken", ""))
    end = start + size
    return items[start:end], {"nextPaginationToken": _token(end)} if end < len(items) else {}


def wanted_types(query: dict[str, str]) -> set[str]:
    """The types a query asks for, in ``type`` or as a comma list in ``types``; none: all."""
    return {word for name in ("type", "types") for word in query.get(name, "").split(",") if word}


def _token(start: int) -> str:
    return base64.urlsafe_b64encode(f'{{"start":{start}}}'.encode()).decode().rstrip("=")


def _start(token: str) -> int:
    if not token:
        return 0
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        return int(text.removeprefix('{"start":').removesuffix("}"))
    except (binascii.Error, ValueError):
        refuse(400, "Invalid paginationToken")
