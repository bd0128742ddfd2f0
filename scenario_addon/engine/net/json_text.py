# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON of somebody else's, read at bounded cost."""

from __future__ import annotations

from typing import Any, Final

from pydantic_core import from_json

__all__ = ["read_json"]

_MOST_VALUES: Final = 200_000
"""Python needs up to some hundred bytes for each, however short the text. The service's largest pages have a tenth."""
_MARK: Final = b"\xef\xbb\xbf"
"""What some servers put before UTF-8."""


def read_json(text: bytes | bytearray) -> Any:
    """Read UTF-8 as strictly as the standard has it; of two members of one name the last one counts.

    :raises ValueError: it is not JSON, it is nested hundreds of levels deep, or has more parts than any answer.
    """
    if sum(map(text.count, (b",", b"[", b"{"))) > _MOST_VALUES:
        raise ValueError("too many parts")
    return from_json(text[len(_MARK) :] if text.startswith(_MARK) else text, allow_inf_nan=False)
