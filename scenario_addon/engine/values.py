# SPDX-License-Identifier: GPL-3.0-or-later
"""The nouns of the project as small frozen values. Nothing here does any I/O."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NewType

from .service import DEFAULT_BASE_URL, VIEWS

__all__ = [
    "PLACEHOLDER",
    "VIEWS",
    "Activity",
    "AssetId",
    "Credentials",
    "HeldMesh",
    "JobId",
    "MeshFile",
    "MeshInput",
    "ModelId",
    "Network",
    "Order",
    "PictureInput",
    "RemoteJobId",
    "ResultAsset",
    "SourceImage",
    "SourceMesh",
]

AssetId = NewType("AssetId", str)
"""The service's id of a file it holds."""
JobId = NewType("JobId", str)
"""Our own id of a job, known before the service knows of it."""
ModelId = NewType("ModelId", str)
RemoteJobId = NewType("RemoteJobId", str)
"""The service's id of a job."""

PLACEHOLDER: Final = AssetId("asset_" + "0" * 24)
"""A well-formed id that stands for a file in a dry run, so that a price needs no upload."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What opens the service. Never printed: ``repr`` leaves key and secret out."""

    key: str = field(repr=False)
    secret: str = field(repr=False)
    project_id: str | None = None
    base_url: str = DEFAULT_BASE_URL

    @property
    def scope(self) -> str:
        """Names the project without giving anything away: files of one scope are visible to each other."""
        owner = self.project_id or self.key
        return hashlib.sha256(f"{self.base_url}\n{owner}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Network:
    """What the user says of the way out, for where the environment says nothing. ``repr`` leaves out what is secret."""

    proxy: str | None = field(default="", repr=False)
    """Its address; empty: the system's, where it has one; ``None``: there is to be none."""
    proxy_user: str = field(default="", repr=False)
    proxy_password: str = field(default="", repr=False)
    certificates: str = ""
    """A file or folder of authorities that are trusted besides."""
    trusts_system: bool = True
    """Whether what the system trusts is trusted, beside what comes with Blender."""


@dataclass(frozen=True, slots=True)
class SourceImage:
    """A picture on disk that has been looked at and found whole."""

    path: Path
    mime: str
    width_px: int
    height_px: int
    size_bytes: int
    sha256: str
    """Of the file's bytes, in hex: the same picture is not uploaded twice."""
    orientation: int = 1
    """Which way up the file holds it, as EXIF counts: 1 is upright, from 5 on width and height are exchanged."""
    is_odd: bool = False
    """Whether some programs stumble over the file, though the picture in it is whole."""
    is_uniform: bool = False
    """Whether it is known to be of one colour everywhere."""
    is_to_be_cut_out: bool = False
    """Whether the service removes its background first."""

    @property
    def asset_key(self) -> str:
        """Names the service's file that the model gets of it: the picture, or what is cut out of it."""
        return f"{self.sha256}-cut-out" if self.is_to_be_cut_out else self.sha256


@dataclass(frozen=True, slots=True)
class PictureInput:
    """The pictures of one input of a model, in order."""

    name: str
    is_list: bool
    """Sent as a JSON list even for one picture; otherwise as a bare id."""
    images: tuple[SourceImage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMesh:
    """A mesh on disk that has been looked at and found whole."""

    path: Path
    mime: str
    size_bytes: int
    sha256: str
    """Of the file's bytes, in hex."""
    faces: int
    """As its format counts them: the triangles of a GLB, the polygons of an OBJ or FBX."""

    @property
    def asset_key(self) -> str:
        """Names the service's file that the model gets of it."""
        return self.sha256

    @property
    def suffix(self) -> str:
        """Its format, as a suffix without the point."""
        return _MESH_SUFFIXES.get(self.mime, "")

    @property
    def file_name(self) -> str:
        """What it is called at the service: as it is here, but for an ending that says something else."""
        return f"{self.path.stem}.{self.suffix}" if self.suffix else self.path.name


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMesh:
    """A mesh that the service has already, as what an earlier job brought: nothing is uploaded."""

    asset_id: AssetId
    name: str
    """What people call it."""
    mime: str = ""
    """Empty where nobody says."""
    size_bytes: int | None = None
    faces: int | None = None
    job_id: JobId | None = None
    """Our job that brought it; ``None`` for what was made elsewhere."""

    @property
    def suffix(self) -> str:
        """Its format, as a suffix without the point; empty where nobody says."""
        return _MESH_SUFFIXES.get(self.mime, "")


_MESH_SUFFIXES: Final = {
    "model/gltf-binary": "glb",
    "model/glb": "glb",
    "model/gltf+json": "gltf",
    "model/obj": "obj",
    "model/x-fbx": "fbx",
    "application/vnd.autodesk.fbx": "fbx",
    "application/x.autodesk.fbx": "fbx",
    "model/stl": "stl",
    "model/ply": "ply",
    "application/x-ply": "ply",
}


@dataclass(frozen=True, slots=True)
class MeshInput:
    """The mesh of one input of a model."""

    name: str
    is_list: bool
    """Sent as a JSON list; otherwise as a bare id."""
    mesh: SourceMesh | HeldMesh

    @property
    def key(self) -> str:
        """Names the mesh by its content, or as the service does."""
        return self.mesh.sha256 if isinstance(self.mesh, SourceMesh) else self.mesh.asset_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Everything that decides what the service will be asked for, checked and complete."""

    model_id: ModelId
    model_name: str
    pictures: tuple[PictureInput, ...]
    values: Mapping[str, Any]
    """The other inputs under the service's names, only those that have to be sent."""
    name: str
    """What the result is called: the file's stem, the collection's name."""
    folder: Path
    """Where the result goes."""
    number: int = 1
    """Which of several results of one name this is: the second one's file is ``chair-2.glb``, or a later number."""
    target: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What whoever asked wants to remember of where the result belongs; empty when the file is all."""
    placement: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Where its subject stood when the pictures were taken, as the program writes it that took them; else empty."""
    expected_s: float | None = None
    """How long the model usually takes, in seconds; ``None`` where nobody knows."""
    expected_p75_s: float | None = None
    """What three of four of its jobs take at most, in seconds."""
    usual: tuple[str, ...] = ()
    """The values that are what the model takes anyway: sent, but the same order without them."""
    unpriced: tuple[str, ...] = ()
    """The values that have no bearing on the price, such as a prompt."""
    meshes: tuple[MeshInput, ...] = ()
    """What the model is to change, where it begins with a mesh."""

    gives_picture: bool = False
    """Whether a picture comes of it, not a mesh."""

    @property
    def is_for_scene(self) -> bool:
        """Whether somebody is to import the file when it is there."""
        return bool(self.target)

    def images(self) -> tuple[SourceImage, ...]:
        """Every picture of the order, in the order in which the inputs name them."""
        return tuple(image for entry in self.pictures for image in entry.images)

    def files(self) -> tuple[SourceImage | SourceMesh, ...]:
        """Everything of the order that is uploaded, unless the service has it."""
        meshes = (entry.mesh for entry in self.meshes)
        return (*self.images(), *(mesh for mesh in meshes if isinstance(mesh, SourceMesh)))

    def to_cut_out(self, assets: Mapping[str, AssetId]) -> tuple[SourceImage, ...]:
        """The pictures that have yet to be cut out, each once.

        :param assets: what the service has of the order, by :attr:`SourceImage.asset_key`.
        """
        missing = {i.sha256: i for i in self.images() if i.is_to_be_cut_out and i.asset_key not in assets}
        return tuple(missing.values())

    @property
    def identity(self) -> str:
        """Names what is asked for: model, files by content, whether pictures are cut out, parameters.

        What the result is called makes no difference.
        """
        return self._digest({name: value for name, value in self.values.items() if name not in self.usual})

    @property
    def identities(self) -> tuple[str, str]:
        """The same, and how it was named where nobody knew what is usual."""
        return self.identity, self._digest(self.values)

    def _digest(self, values: Mapping[str, Any]) -> str:
        files = {entry.name: [image.asset_key for image in entry.images] for entry in self.pictures}
        files |= {entry.name: [entry.key] for entry in self.meshes}
        what = [self.model_id, files, dict(values)]
        return hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode()).hexdigest()[:32]

    @property
    def price_key(self) -> str:
        """Names what the price depends on: model, how many pictures, parameters; not what the pictures show.

        A mesh that the service has is asked about by itself, since it can look at it.
        """
        files: dict[str, Any] = {entry.name: len(entry.images) for entry in self.pictures}
        files |= {e.name: e.mesh.asset_id if isinstance(e.mesh, HeldMesh) else 1 for e in self.meshes}
        values = {name: value for name, value in self.values.items() if name not in self.unpriced}
        return json.dumps([self.model_id, files, values], sort_keys=True, default=str)

    def body(self, assets: Mapping[str, AssetId]) -> dict[str, Any]:
        """The JSON body of the generate call.

        :param assets: what the service has of the files, by :attr:`SourceImage.asset_key`.
        """
        body = dict(self.values)
        for mesh in self.meshes:
            asset_id = mesh.mesh.asset_id if isinstance(mesh.mesh, HeldMesh) else assets[mesh.mesh.asset_key]
            body[mesh.name] = [asset_id] if mesh.is_list else asset_id
        for entry in self.pictures:
            ids = [assets[image.asset_key] for image in entry.images]
            body[entry.name] = ids if entry.is_list else ids[0]
        return body


@dataclass(frozen=True, slots=True)
class ResultAsset:
    """One file that a finished job brought."""

    id: AssetId
    mime: str
    url: str = field(repr=False)
    """Signed and short-lived: never stored, never logged."""
    type: str | None = None
    parent_id: str | None = None
    file_name: str | None = None
    size_bytes: int | None = None
    """As the service states it; can be stale, so a hint only."""
    picture_urls: tuple[str, ...] = field(default=(), repr=False)
    """Of small pictures of it, the smallest first; likewise short-lived."""
    faces: int | None = None


@dataclass(frozen=True, slots=True)
class MeshFile:
    """A downloaded file that has been checked: a mesh, or the picture of an order that gives one."""

    path: Path
    size_bytes: int
    asset_id: AssetId
    triangles: int | None = None
    """``None`` for formats whose content is not looked into."""
    flaws: tuple[str, ...] = ()
    """What it should have and has not, as phrases: "without its texture base.png, which is missing"."""
    textures: int = 0
    """That are in it or beside it, as far as anybody can tell."""
    width_px: int | None = None
    height_px: int | None = None
    """Of a picture as it is shown; ``None`` for a mesh."""
    more: tuple[Path, ...] = ()
    """The job's other pictures, in its order."""


@dataclass(frozen=True, slots=True)
class Activity:
    """What a step is doing right now, for people to look at."""

    text: str
    done_bytes: int = 0
    total_bytes: int | None = None

    @property
    def fraction(self) -> float | None:
        """0 to 1; ``None`` when the total is not known."""
        return min(1.0, self.done_bytes / self.total_bytes) if self.total_bytes else None
