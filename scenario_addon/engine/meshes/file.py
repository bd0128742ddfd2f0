# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at a mesh file before anything is sent: what it really is, how many faces it has, whether it is whole.

The content decides, never the file's name. Reads the whole file: any thread but the one that draws.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import Final

from ..errors import DownloadError, MeshError
from ..files import discard, replace
from ..gltf.container import MAGIC
from ..gltf.document import Flaw
from ..gltf.draft import Draft
from ..mending import check
from ..values import SourceMesh
from .polygons import FBX_MAGIC, MalformedError, count_fbx, count_obj

__all__ = ["MIMES", "inspect", "packed", "suffix_of"]

MIMES: Final = {"glb": "model/gltf-binary", "gltf": "model/gltf+json", "obj": "model/obj", "fbx": "model/x-fbx"}
"""What the service calls each format that can be sent, by its suffix without the point."""
_MOST_BYTES: Final = 1 << 30
"""More, nobody sends by a request for one mesh, and it would be read into memory here."""
_HEAD_BYTES: Final = 4096
_PICTURES: Final = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8")
_OTHERS: Final = {".blend", ".stl", ".ply", ".usdz", ".usd", ".usdc", ".dae", ".3ds", ".abc", ".spz", ".zip"}
_AGAIN: Final = "export it again, or choose another mesh"


def inspect(path: Path, *, most_bytes: int | None = None) -> SourceMesh:
    """Look at a mesh: format, faces, size in bytes, fingerprint.

    :param most_bytes: what the model takes.
    :raises MeshError: missing, unreadable, empty, too large, damaged, or no mesh; one sentence that says what to do.
    """
    try:
        size_bytes = _size_bytes(path, most_bytes=most_bytes)
        suffix = suffix_of(path)
        faces = _faces(path, suffix)
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise MeshError(f"{path} does not exist: check the path.") from None
    except PermissionError:
        raise MeshError(f"{path} cannot be read: check its permissions.") from None
    except (OSError, ValueError) as error:
        raise MeshError(f"{path} cannot be read ({error}): check the path.") from error
    if not faces:
        raise MeshError(f"{path.name} holds no faces, so that there is no mesh in it: {_AGAIN}.")
    return SourceMesh(path=path.absolute(), mime=MIMES[suffix], size_bytes=size_bytes, sha256=sha256, faces=faces)


def packed(mesh: SourceMesh, folder: Path) -> SourceMesh:
    """Write a glTF and what lies beside it as one GLB.

    :param folder: where that goes; the same glTF gives the same file.
    :raises MeshError: it cannot be written.
    """
    copy = folder / f"{mesh.path.stem[:80]}-{mesh.sha256[:16]}.glb"
    part = copy.with_suffix(f".{os.getpid()}.part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        Draft.read(mesh.path, suffix=".gltf").write(part)
        replace(part, copy)
    except (OSError, Flaw) as error:
        raise MeshError(f"{mesh.path.name} cannot be made a GLB ({error}): {_AGAIN}.") from error
    finally:
        discard(part)
    return inspect(copy)


def _size_bytes(path: Path, *, most_bytes: int | None) -> int:
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise MeshError(f"{path} is a folder: give the file of a mesh.")
    if not stat.S_ISREG(found.st_mode):
        raise MeshError(f"{path} is no file: give the file of a mesh.")
    if not found.st_size:
        raise MeshError(f"{path.name} is empty: {_AGAIN}.")
    most = _MOST_BYTES if most_bytes is None else min(most_bytes, _MOST_BYTES)
    if found.st_size > most:
        size = f"{path.name} is {found.st_size / 1e6:,.1f} MB and at most {most / 1e6:,.1f} MB are taken"
        raise MeshError(f"{size}: reduce its faces or its textures first.")
    return found.st_size


def suffix_of(path: Path) -> str:
    """The format of a mesh file, as a suffix without the point.

    :raises MeshError: it is none that can be sent.
    :raises OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(MAGIC):
        return "glb"
    if head.startswith(FBX_MAGIC):
        return "fbx"
    ending = path.suffix.lower()
    is_text = b"\0" not in head and not head.lstrip().startswith(b"<")
    if is_text and ending == ".gltf" and head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return "gltf"
    if is_text and ending == ".obj":
        return "obj"
    raise MeshError(_refusal(path.name, ending, head))


def _refusal(name: str, ending: str, head: bytes) -> str:
    if head.startswith(_PICTURES):
        return f"{name} is a picture, not a mesh: give it as a picture."
    if ending in (".glb", ".gltf", ".obj"):
        return f"{name} is not {ending[1:].upper()} inside: {_AGAIN}."
    if ending == ".fbx":
        return f"{name} is no binary FBX: {_AGAIN}."
    if ending in _OTHERS:
        return f"{name} is a {ending} file, which cannot be sent: export it as GLB."
    return f"{name} is not a mesh: its content is no GLB, OBJ or FBX."


def _faces(path: Path, suffix: str) -> int:
    """How many faces a file has, once it is known to be whole.

    :raises MeshError: it is damaged.
    """
    try:
        if suffix in ("glb", "gltf"):
            return check.inspect(path, name=f"{path.stem}.{suffix}").triangles
        return count_obj(path) if suffix == "obj" else count_fbx(path)
    except DownloadError as error:
        raise MeshError(f"{error.user_message.rstrip('.')}; {_AGAIN}.") from None
    except MalformedError:
        raise MeshError(f"{path.name} is damaged or cut short: {_AGAIN}.") from None
