# SPDX-License-Identifier: GPL-3.0-or-later
"""A program around the command line that does what Blender would, in no time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scenario_addon.engine.errors import ImportFailed, InputError, PictureError
from scenario_addon.engine.gltf.document import READABLE
from scenario_addon.engine.host import (
    AS_DELIVERED,
    Asset,
    Check,
    Commission,
    Detail,
    Named,
    Piece,
    Remark,
    Stage,
    Strip,
    Views,
    Writer,
    Writing,
    Written,
)
from scenario_addon.engine.names import free_path
from scenario_addon.engine.pictures.png import marked
from scenario_addon.engine.values import Credentials, Network, SourceImage
from tests.engine.orders import draw_picture

__all__ = ["FakeBlend", "FakeBlender"]


@dataclass
class FakeBlend:
    """What is in a .blend, and what was done with it."""

    objects: list[str] = field(default_factory=lambda: ["Table", "Chair", "Lamp"])
    collections: list[str] = field(default_factory=lambda: ["Room"])
    bare: list[str] = field(default_factory=lambda: ["Sun"])
    """Objects without a surface."""
    taken: list[tuple[str, tuple[str, ...], int, str]] = field(default_factory=list)
    warnings: tuple[str, ...] = ()
    at_m: float = 0.0
    """Where everything stands."""


@dataclass
class FakeStage:
    """It is open: pictures are of a colour that says what they show."""

    blend: FakeBlend
    folder: Path
    is_closed: bool = False

    @property
    def objects(self) -> Sequence[str]:
        return self.blend.objects

    @property
    def collections(self) -> Sequence[str]:
        return self.blend.collections

    def check(self, named: Named) -> None:
        if not named.is_collection and named.name in self.blend.bare:
            raise PictureError(f"The {named} has no surface.")
        if named.name not in (self.collections if named.is_collection else self.objects):
            raise LookupError(named.name)

    def take(self, named: Named, *, sides: Sequence[str], size_px: int, ground: str) -> Views:
        assert not self.is_closed
        self.blend.taken.append((str(named), tuple(sides), size_px, ground))
        self.folder.mkdir(parents=True, exist_ok=True)
        pictures = {side: self._picture(f"{named} {side} of {len(sides)} {ground}") for side in sides}
        place = {"location": [self.blend.at_m, 0.0, 0.0], "replaces": [named.name]}
        return Views(pictures, place, self.blend.warnings)

    def _picture(self, what: str) -> Path:
        colour = hashlib.sha256(what.encode()).hexdigest()[:6]
        return draw_picture(self.folder / f"{colour}.png", size_px=(160, 160), colour=f"#{colour}").path


@dataclass
class FakeWriting:
    """Files that come after so many looks."""

    commission: Commission
    blender: FakeBlender
    looks: int
    is_left: bool = False
    is_begun: bool = False

    @property
    def is_over(self) -> bool:
        self.is_begun = self.is_begun or self.blender.has_place
        self.looks -= self.is_begun
        return self.is_left or self.looks < 0

    @property
    def is_under_way(self) -> bool:
        return self.is_begun and self.looks >= 0

    def leave(self) -> None:
        self.is_left = not self.is_begun

    def result(self) -> Written | None:
        return None if self.is_left else self.blender.write(self.commission)


@dataclass
class FakeBlender:
    """Writes a .blend that says what it was made of, and converts every picture into one of its own."""

    folder: Path
    online_access: bool = True
    former_folder: Path | None = None
    readable: frozenset[str] = READABLE
    refuses: str | None = None
    unreadable: tuple[str, ...] = ()
    """File suffixes that its importers choke on."""
    flaws: tuple[str, ...] = ()
    sees_nothing: bool = False
    saved: Credentials | None = None
    found: list[Check] = field(default_factory=list)
    blend: FakeBlend = field(default_factory=FakeBlend)
    """What every .blend has in it."""
    kits: list[list[Piece]] = field(default_factory=list)
    """What each kit was made of."""
    sheets: list[list[Strip]] = field(default_factory=list)
    """What was on each sheet."""
    assets: list[Asset] = field(default_factory=list)
    """What was written for libraries."""
    room: int = 4096
    """For results, on a sheet."""
    details: list[Detail] = field(default_factory=list)
    """Of each kit."""
    renders_nothing: bool = False
    writes_in_looks: int = 0
    """How often it is looked in vain whether files are written."""
    begun: list[FakeWriting] = field(default_factory=list)
    """What files were asked for."""
    places: int = 64
    """How many commissions are under way at once."""
    wrote: list[str] = field(default_factory=list)
    """Names of what was written, in order."""
    expected: int = 0
    """How often it was told that a mesh will come."""
    writers: int = 0
    """How many are open."""
    network: Network = Network()  # noqa: RUF009 - it is frozen

    def saved_credentials(self) -> Credentials | None:
        return self.saved

    def saved_network(self) -> Network:
        return self.network

    def convert_picture(self, path: Path, *, folder: Path, max_side_px: int | None, max_bytes: int | None) -> Path:
        if self.refuses:
            raise PictureError(self.refuses)
        return draw_picture(folder / f"{path.stem}.png", size_px=(200, 140)).path

    def shown_picture(self, path: Path, *, folder: Path) -> Path:
        return path

    def refuse_nothing(self, image: SourceImage, *, is_subject: bool) -> None:
        if self.sees_nothing:
            raise PictureError(f"{image.path.name} shows nothing, subject: {is_subject}.")

    @contextmanager
    def writer(self, *, folder: Path) -> Iterator[Writer]:
        self.writers += 1
        try:
            yield self
        finally:
            self.writers -= 1

    def expect(self) -> None:
        assert self.writers == 1
        self.expected += 1

    def begin(self, commission: Commission) -> Writing:
        self.begun.append(FakeWriting(commission, self, looks=self.writes_in_looks))
        return self.begun[-1]

    @property
    def has_place(self) -> bool:
        return sum(writing.is_under_way for writing in self.begun) < self.places

    def write(self, commission: Commission) -> Written:
        """Write what is asked for.

        :raises ImportFailed: it shall not be possible.
        """
        mesh, detail = commission.mesh, commission.detail
        self.wrote.append(commission.name)
        if self.refuses:
            raise ImportFailed(self.refuses, path=mesh)
        if mesh.suffix in self.unreadable:
            raise ImportFailed(f"{mesh.name} could not be imported: it is too modern.", path=mesh)
        blend = preview = None
        if commission.blend is not None:
            blend = free_path(commission.blend)
            how = f" {detail.triangles} {detail.lods}" if detail != AS_DELIVERED else ""
            how += " cleaned" if detail.clean else ""
            blend.write_text(f"{mesh.name} {commission.name} {commission.job_id} {commission.model_id}{how}")
        if commission.preview is not None and not self.renders_nothing:
            preview = free_path(commission.preview)
            picture = draw_picture(self.folder / "preview.png", size_px=(64, 64)).path
            preview.write_bytes(marked(picture.read_bytes(), commission.job_id))
        is_missing = commission.preview is not None and preview is None
        problem = f"{mesh.name} has no preview." if is_missing else None
        cleaned = "watertight" if blend is not None and detail.clean else ""
        return Written(blend, preview, self.flaws if blend else (), problem, cleaned)

    @contextmanager
    def open_blend(self, blend: Path, *, folder: Path) -> Iterator[Stage]:
        if not blend.exists():
            raise InputError(f"{blend} cannot be read: give a .blend file.")
        stage = FakeStage(self.blend, folder)
        yield stage
        stage.is_closed = True

    def write_kit(
        self, pieces: Iterable[Piece], blend: Path, *, name: str, detail: Detail = AS_DELIVERED
    ) -> list[Remark]:
        kit = list(pieces)
        self.details.append(detail)
        self.kits.append(kit)
        unreadable = [piece for piece in kit if piece.mesh.suffix in self.unreadable or piece.name in self.unreadable]
        flaws = [Remark(piece.name, flaw, is_left_out=False) for piece in kit for flaw in self.flaws]
        if len(unreadable) < len(kit):
            blend.write_text("\n".join(piece.name for piece in kit if piece not in unreadable))
        return flaws + [Remark(p.name, f"{p.mesh.name} cannot be read.", is_left_out=True) for p in unreadable]

    def write_sheet(self, strips: Sequence[Strip], png: Path) -> int:
        self.sheets.append(list(strips))
        draw_picture(png)
        return max(0, sum(len(strip.results) for strip in strips) - self.room)

    def write_asset(self, asset: Asset, blend: Path) -> tuple[str, ...]:
        if asset.name in self.unreadable:
            raise ImportFailed(f"{asset.mesh.name} cannot be read.", path=asset.mesh)
        assert not blend.exists()
        blend.write_text(asset.name)
        self.assets.append(asset)
        return self.flaws

    def checks(self) -> list[Check]:
        access = Check("online access", self.online_access, "allowed" if self.online_access else "off", "Allow it.")
        return [*self.found, access]
