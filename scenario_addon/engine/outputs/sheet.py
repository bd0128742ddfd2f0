# SPDX-License-Identifier: GPL-3.0-or-later
"""A contact sheet: each picture that was sent, and beside it what was made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import ClassVar, Final

from ..batch.item import Item
from ..host import Host, Strip, Tile
from ..models.seeds import seed_of
from ..text import amount, clean, duration
from ..values import Order
from .gathered import Entry, Gathered
from .own_file import InOneFile

__all__ = ["Sheet", "result_tile", "source_tile"]

_MOST: Final = 4096
"""Results on a sheet: more would be too small to be seen."""
_LONGEST: Final = 300
"""Characters of anything on it."""
_SEPARATOR: Final = " · "


class Sheet(InOneFile):
    option: ClassVar = "--sheet"
    suffix: ClassVar = ".png"
    records: ClassVar = "sheets"

    def write(self, host: Host, gathered: Gathered, items: Iterable[Item] | None, tell: Callable[[str], None]) -> bool:
        """Draw what became of each item; what failed has its reason in place of a picture.

        :param items: as for :meth:`.Gathered.entries`.
        :param tell: takes sentences that the user should see.
        :return: true: what there is no room for is said, and no failure.
        :raises DiskError: it cannot be written.
        """
        entries = gathered.entries(items)
        strips = _strips(islice(entries, _MOST))
        if not strips:
            return True
        with self._file.draft() as part:
            left_out = host.write_sheet(strips, part)
            path = self._file.publish(part)
        shown = sum(len(strip.results) for strip in strips) - left_out
        left_out += sum(1 for _ in entries)
        tell(f"{path} shows {_count(shown)}{f'; there is no room for {left_out:,} more' if left_out else ''}.")
        return True


def _strips(entries: Iterable[Entry]) -> list[Strip]:
    """A strip for each source, in the order in which they come."""
    found: dict[str, tuple[Tile, list[Tile]]] = {}
    for entry in entries:
        _, results = found.setdefault(_key(entry), (source_tile(entry), []))
        results.append(result_tile(entry))
    return [Strip(source, tuple(results)) for source, results in found.values()]


def _key(entry: Entry) -> str:
    """Names what something is made of: its files by their content, else the words, else what the user called it."""
    files = [image.sha256 for image in entry.order.images()] + [mesh.key for mesh in entry.order.meshes]
    return ",".join(files) or _prompt(entry.order) or entry.label


def _prompt(order: Order) -> str:
    words = [str(value) for name, value in order.values.items() if name.lower() == "prompt"]
    return clean(" ".join(words), longest=_LONGEST)


def source_tile(entry: Entry) -> Tile:
    """Show what something was made of."""
    images = entry.order.images()
    first = next(iter(images), None)
    if first is None:
        title = Path(entry.label).name if entry.order.meshes else entry.label
        return Tile(_short(title), words=_prompt(entry.order))
    lines = (f"{len(images)} pictures",) if len(images) > 1 else ()
    return Tile(_short(Path(entry.label).name or entry.label), lines, first.path)


def result_tile(entry: Entry) -> Tile:
    """Show what was made: by which model, for how much, how long that took, its triangles; or why it was not."""
    title, model, seed = _short(entry.name), _short(entry.order.model_name), seed_of(entry.order)
    model = model if seed is None else f"{model}{_SEPARATOR}seed {seed}"
    if entry.error is not None or entry.mesh is None:
        return Tile(title, (model,), words=_short(entry.error or "It was not made."), is_failure=True)
    cost = amount(entry.cost_cu) if entry.cost_cu is not None else ""
    time = duration(entry.seconds) if entry.seconds is not None else ""
    triangles = f"{entry.triangles:,} triangles" if entry.triangles is not None else ""
    lines = (model, _SEPARATOR.join(filter(None, (cost, time))), triangles)
    return Tile(title, tuple(filter(None, lines)), entry.preview, "No preview")


def _short(text: str) -> str:
    return clean(text, longest=_LONGEST)


def _count(results: int) -> str:
    return "1 result" if results == 1 else f"{results:,} results"
