# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine asks of the program it runs in, so that it never has to know Blender."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .values import Credentials, SourceImage

__all__ = ["Check", "Host"]


@dataclass(frozen=True, slots=True)
class Check:
    """One finding of ``doctor``."""

    name: str
    ok: bool
    text: str
    fix: str = ""
    """What to do about it; empty when it is fine."""


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

    def write_blend(self, mesh: Path, blend: Path, *, name: str, job_id: str, model_id: str) -> tuple[str, ...]:
        """Write a .blend with the mesh in it and its textures packed, complete once it has its name.

        :return: what the mesh is without, as phrases: "without its texture base.png, which is missing".
        :raises ImportFailed: the mesh cannot be read.
        :raises DiskError: the .blend cannot be written, or exists.
        """
        ...

    def checks(self) -> list[Check]: ...
