# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine asks of the program it runs in, so that it never has to know Blender."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from .values import Credentials, JobId, ModelId, Network, Order, RemoteJobId, SourceImage

__all__ = [
    "AS_DELIVERED",
    "Asset",
    "Check",
    "Commission",
    "Detail",
    "Host",
    "Named",
    "Piece",
    "Remark",
    "Stage",
    "Strip",
    "Tile",
    "Views",
    "Writer",
    "Writing",
    "Written",
]


@dataclass(frozen=True, slots=True)
class Check:
    """One finding of ``doctor``."""

    name: str
    ok: bool
    text: str
    fix: str = ""
    """What to do about it; empty when it is fine. Beside what is in order: what would make it better still."""
    reported: str = ""
    """What a report for others has instead of the text; empty: the same."""


@dataclass(frozen=True, slots=True)
class Named:
    """What pictures are taken of, by its name in a .blend."""

    name: str
    is_collection: bool = False

    def __str__(self) -> str:
        return f"{'collection' if self.is_collection else 'object'} {self.name}"


@dataclass(frozen=True, slots=True)
class Views:
    """Pictures of a subject alone."""

    pictures: Mapping[str, Path]
    """By the side that each shows."""
    placement: Mapping[str, Any]
    """Where the subject stands: for :attr:`Piece.placement`, as JSON."""
    warnings: tuple[str, ...] = ()
    """Sentences that the user should see: what could not be shown."""


class Stage(Protocol):
    """A .blend that is open, to take pictures of what is in it. Main thread only."""

    @property
    def objects(self) -> Sequence[str]:
        """The names of the objects that pictures may be taken of."""
        ...

    @property
    def collections(self) -> Sequence[str]:
        """The names of the collections."""
        ...

    def check(self, named: Named) -> None:
        """Look at what is meant, without rendering it.

        :raises LookupError: it is not there.
        :raises InputError: it has no surface that could be seen.
        """
        ...

    def take(self, named: Named, *, sides: Sequence[str], size_px: int, ground: str) -> Views:
        """Render it alone, squarely, all sides at one scale. The same is the same pictures. May take long.

        :param ground: ``transparent`` or ``opaque``.
        :raises InputError: nothing of it is seen, or it cannot be rendered.
        :raises DiskError: the pictures cannot be written.
        """
        ...


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of a mesh there is in a .blend. What was delivered is in it in any case, hidden where less is shown."""

    triangles: int = 0
    """Shown at most, of all its parts together; 0: as delivered."""
    lods: int = 0
    """Further levels of detail, hidden, each with half of the triangles of the one before."""
    clean: bool = False
    """Without loose pieces, with holes closed, and with faces turned outward."""


AS_DELIVERED: Final = Detail()


@dataclass(frozen=True, slots=True)
class Commission:
    """What is to be written of a mesh file. A name that is taken gets a number."""

    mesh: Path
    name: str
    job_id: JobId
    model_id: ModelId
    blend: Path | None = None
    """The .blend with the mesh in it, its textures packed; ``None`` for none."""
    preview: Path | None = None
    """A PNG of the mesh as delivered, alone on a transparent ground; ``None`` for none."""
    detail: Detail = AS_DELIVERED
    """Of the mesh in the .blend."""


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a commission. Each file is complete once it has its name."""

    blend: Path | None = None
    preview: Path | None = None
    flaws: tuple[str, ...] = ()
    """What the .blend is without, as phrases: "without its texture base.png, which is missing"."""
    problem: str | None = None
    """Why there is no preview, though the mesh could be read: a sentence."""
    cleaned: str = ""
    """What was found and done where the mesh was cleaned: "watertight, 2 loose pieces removed"."""


class Writing(Protocol):
    """A commission under way. Main thread only."""

    @property
    def is_over(self) -> bool:
        """Whether its result is there, or only the main thread can do it."""
        ...

    def leave(self) -> None:
        """Do not begin with it any more; what has begun comes to its end."""
        ...

    def result(self) -> Written | None:
        """Give what came of it, once it is over; does it here and now where no other process can. ``None``: was left.

        :raises ImportFailed: the mesh cannot be read.
        :raises DiskError: a file cannot be written.
        """
        ...


class Writer(Protocol):
    """Carries out commissions, several at once, as far as the computer has processors and memory for them."""

    def expect(self) -> None:
        """Get ready for a mesh that will come. Returns at once."""
        ...

    def begin(self, commission: Commission) -> Writing:
        """Begin with one when its turn comes. Returns at once."""
        ...


@dataclass(frozen=True, slots=True)
class Piece:
    """A mesh of a kit."""

    name: str
    mesh: Path
    job_id: JobId
    model_id: ModelId
    placement: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Where it stands, see :attr:`Views.placement`; empty for in a row with the others."""
    label: str = ""
    """What it is called beside others that stand in the same place."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be said of a piece of a kit."""

    name: str
    text: str
    """Without the piece, the sentence that says why; else what it lacks, as a phrase."""
    is_left_out: bool


@dataclass(frozen=True, slots=True)
class Tile:
    """A picture on a contact sheet, with words under it."""

    title: str
    lines: tuple[str, ...] = ()
    """Under the title, at most three."""
    picture: Path | None = None
    words: str = ""
    """What stands in its place where there is none."""
    is_failure: bool = False


@dataclass(frozen=True, slots=True)
class Strip:
    """What was made of one thing."""

    source: Tile
    results: tuple[Tile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A mesh for an asset library."""

    name: str
    mesh: Path
    order: Order
    """What was asked for."""
    job_id: JobId
    remote_id: RemoteJobId | None
    """The service's job."""
    preview: Path | None = None
    """A picture of the mesh; ``None``: the picture that was sent stands for it."""
    catalogue: str = "Scenario"
    """Where it stands in the library: names, from the outermost on, with slashes between them."""


class Host(Protocol):
    """Blender, as a program with a window, without one, or as a Python module. Main thread only."""

    @property
    def online_access(self) -> bool:
        """Whether the user allows going online."""
        ...

    @property
    def former_folder(self) -> Path | None:
        """Where an older version kept the ledger, which is moved from there; ``None`` for nowhere else."""
        ...

    @property
    def readable(self) -> frozenset[str]:
        """The glTF extensions that its importer can do what a file requires of it."""
        ...

    def saved_credentials(self) -> Credentials | None:
        """What the user has entered there, for when the environment holds nothing.

        :raises ConfigError: it cannot be used.
        """
        ...

    def saved_network(self) -> Network:
        """What the user has entered there of the way out.

        :raises ConfigError: the proxy's address cannot be used.
        """
        ...

    def convert_picture(self, path: Path, *, folder: Path, max_side_px: int | None, max_bytes: int | None) -> Path:
        """A :class:`~.picture.Converter`."""
        ...

    def shown_picture(self, path: Path, *, folder: Path) -> Path:
        """Give a file that shows everybody what Blender shows of a picture: itself, but for a few kinds.

        :param folder: where it goes if it is another one.
        :raises PictureError: Blender cannot read it.
        :raises DiskError: it cannot be written.
        """
        ...

    def refuse_nothing(self, image: SourceImage, *, is_subject: bool) -> None:
        """Look at the pixels of what would be sent.

        :param is_subject: whether a mesh is to be made of what it shows.
        :raises PictureError: nothing is to be seen on it.
        """
        ...

    def writer(self, *, folder: Path) -> AbstractContextManager[Writer]:
        """Give what writes files of meshes. What is under way is ended with the context, and nothing is left of it.

        :param folder: for files in use; it may be shared with other processes.
        """
        ...

    def open_blend(self, blend: Path, *, folder: Path) -> AbstractContextManager[Stage]:
        """Open a .blend for taking pictures: it is only read, and no script in it runs. It is closed again at the end.

        Whatever was open is given up.

        :param folder: where pictures are kept, named after their content.
        :raises InputError: it cannot be opened; the sentence says why.
        """
        ...

    def write_kit(
        self, pieces: Iterable[Piece], blend: Path, *, name: str, detail: Detail = AS_DELIVERED
    ) -> list[Remark]:
        """Write a new .blend with all the meshes in it, their textures packed, each where it belongs.

        :param name: what it is called in there; the file may be given another name later.
        :param detail: of each mesh.
        :return: what is to be said of some of the pieces. Where all of them are left out there is no .blend.
        :raises DiskError: it cannot be written.
        """
        ...

    def checks(self) -> list[Check]: ...

    def write_sheet(self, strips: Sequence[Strip], png: Path) -> int:
        """Draw a contact sheet, complete once it has its name: each source, and beside it what was made of it.

        :return: how many results there is no room for.
        :raises DiskError: it cannot be written.
        """
        ...

    def write_asset(self, asset: Asset, blend: Path) -> tuple[str, ...]:
        """Write a .blend with the mesh in it as an asset, its textures packed, complete once it has its name.

        Its catalogue is entered in the folder; what stands there stays.

        :return: what the mesh is without, as phrases.
        :raises ImportFailed: the mesh cannot be read.
        :raises DiskError: it cannot be written, or exists.
        """
        ...
