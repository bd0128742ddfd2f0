# SPDX-License-Identifier: GPL-3.0-or-later
"""A live bar for a batch, by ``tqdm`` where that is installed: it is not needed, and not among what comes along."""

from __future__ import annotations

from importlib import import_module
from typing import Any, TextIO

__all__ = ["Bar", "open_bar"]


class Bar:
    """:param tqdm: the library's bar."""

    def __init__(self, tqdm: Any) -> None:
        self._tqdm = tqdm

    def show(self, count: int, text: str) -> None:
        """Show how far it is."""
        self._tqdm.n = count
        self._tqdm.set_description_str(text, refresh=False)
        self._tqdm.refresh()

    def clear(self) -> None:
        """Give way to something else; what is shown next is shown below it."""
        self._tqdm.clear()

    def close(self) -> None:
        self._tqdm.close()


def open_bar(stream: TextIO, total: int) -> Bar | None:
    """Begin a bar; ``None`` where the library is not there."""
    try:
        library: Any = import_module("tqdm")
        shape = "{percentage:3.0f}% |{bar:24}| {desc}"
        return Bar(library.tqdm(total=total, file=stream, leave=False, dynamic_ncols=True, bar_format=shape))
    except (ImportError, AttributeError, TypeError):  # none, or none that is known here
        return None
