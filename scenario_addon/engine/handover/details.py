# SPDX-License-Identifier: GPL-3.0-or-later
"""Which detail the mesh in a .blend has that was written earlier: one with another detail is another file.

Kept beside the ledger, a small file for each .blend that is not as delivered or has not its usual name. Any thread.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from itertools import takewhile
from pathlib import Path
from typing import Final

from ..files import discard, make_private_folder, write_whole
from ..host import AS_DELIVERED, Detail
from ..names import numbered, token

__all__ = ["Details"]

_MOST_LOOKED_AT: Final = 1000


class Details:
    """:param folder: the state's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "details"

    def note(self, blend: Path, detail: Detail, *, usual: Path) -> None:
        """Keep with which detail a .blend was written; where that cannot be kept, it will be written again.

        :param usual: the name that it would have had if that had been free.
        """
        record = self._record(blend)
        if detail == AS_DELIVERED and blend == usual:
            discard(record)  # of another file that had this name
            return
        with suppress(OSError):
            make_private_folder(self._folder)
            write_whole(record, json.dumps(asdict(detail)).encode(), is_private=True)

    def has(self, blend: Path, detail: Detail, *, usual: Path) -> bool:
        """Whether a .blend is there that was written with this detail."""
        return blend.exists() and self._noted(blend, usual) == detail

    def found(self, usual: Path, detail: Detail) -> Path | None:
        """Give the .blend of this or a numbered name that was written with this detail."""
        there = takewhile(Path.exists, numbered(usual))
        return next(
            (p for p, _ in zip(there, range(_MOST_LOOKED_AT), strict=False) if self.has(p, detail, usual=usual)), None
        )

    def _noted(self, blend: Path, usual: Path) -> Detail | None:
        try:
            data = json.loads(self._record(blend).read_text(encoding="ascii"))
            return Detail(triangles=data["triangles"], lods=data["lods"], clean=data.get("clean", False))
        except FileNotFoundError:
            return AS_DELIVERED if blend == usual else None
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _record(self, blend: Path) -> Path:
        return self._folder / token(str(blend.absolute()))
