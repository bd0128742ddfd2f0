# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of Blender's importers reads which kind of file, and what they mean when they refuse one.

Main thread only. Nothing here cares where the objects end up: that is ``importer``'s.
"""

from __future__ import annotations

import importlib
import logging
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import bpy

from ...engine.gltf.document import READABLE, Flaw
from ...engine.gltf.draft import Draft
from ...engine.mending.mending import AT_REST, MENDS, PLAINER, PLAINEST, Mend, mended_copy
from ...engine.mending.scene import is_animated_rig
from ..scene.surroundings import undisturbed
from .datablocks import datablocks, ids_of, ids_of_all

__all__ = [
    "SUFFIXES",
    "UnreadableError",
    "gltf_problem",
    "may_be_animated",
    "meaning",
    "read",
    "read_animated",
    "readable_extensions",
]

log = logging.getLogger(__name__)

_DRACO: Final = "KHR_draco_mesh_compression"
_MESHOPT: Final = frozenset({"EXT_meshopt_compression", "KHR_meshopt_compression"})
_ALMOST: Final = 1e-3
"""What a bone's size may differ by from its rest's."""


class UnreadableError(Exception):
    """A file that gives no mesh. The text is the reason, without a full stop."""


@dataclass(frozen=True)
class _Reader:
    operator: str
    addon: str | None
    """The add-on that owns the operator; ``None`` when it is part of Blender."""
    options: Mapping[str, object]
    """Passed where this Blender's version of the operator knows them."""
    in_window: bool = False
    """It makes bones in the scene that the window shows, whatever the context says."""

    def _operator(self) -> Any:
        area, name = self.operator.split(".")
        return getattr(getattr(bpy.ops, area), name)

    def known_options(self) -> frozenset[str]:
        """What this Blender's operator takes; empty when it has no such operator."""
        try:
            return frozenset(self._operator().get_rna_type().properties.keys())
        except KeyError:
            return frozenset()

    def __call__(self, path: Path, **wanted: object) -> tuple[str, ...]:
        known, window = self.known_options(), bpy.context.window
        if self.in_window and window and window.scene != bpy.context.scene:
            window.scene = bpy.context.scene
        options = {**self.options, **wanted}
        self._operator()(filepath=str(path), **{k: v for k, v in options.items() if k in known})
        return ()


_GLTF: Final = _Reader(
    operator="import_scene.gltf",
    addon="io_scene_gltf2",
    options={
        "import_pack_images": True,
        "disable_bone_shape": True,
        "import_scene_extras": False,
        "import_scene_as_collection": False,
    },
)
_FBX: Final = _Reader(operator="wm.fbx_import", addon=None, options={"use_anim": False})
_FBX_ADDON: Final = _Reader(
    operator="import_scene.fbx", addon="io_scene_fbx", options={"use_anim": False}, in_window=True
)
_OBJ: Final = _Reader(operator="wm.obj_import", addon=None, options={})
_PLY: Final = _Reader(operator="wm.ply_import", addon=None, options={})
_STL: Final = _Reader(operator="wm.stl_import", addon=None, options={})

_READERS: Final[Mapping[str, tuple[_Reader, ...]]] = {
    ".glb": (_GLTF,),
    ".gltf": (_GLTF,),
    ".fbx": (_FBX, _FBX_ADDON),
    ".obj": (_OBJ,),
    ".ply": (_PLY,),
    ".stl": (_STL,),
}
"""By suffix, the preferred reader first."""
SUFFIXES: Final = tuple(_READERS)
"""Of the files that can be read."""

_MEANINGS: Final = (
    ("memoryerror", "it needs more memory than this computer has; ask for a simpler mesh"),
    ("size doesn't match", "it is cut short; download it again"),
    ("length of", "it is damaged; download it again"),
    ("draco", "it is Draco compressed, which this Blender cannot read; ask for an uncompressed GLB"),
    ("meshopt", "it is meshopt compressed, which this Blender cannot read; ask for an uncompressed GLB"),
    ("is not available on this addon", "it needs a glTF extension that this Blender cannot read"),
    ("version must be 2", "it is not glTF 2.0"),
    ("not a gltf", "it is not a GLB at all"),
    ("bad gltf", "it is not a GLB at all"),
    ("couldn't parse", "it is not a GLB at all"),
    ("ply header", "it is not a PLY at all"),
    ("end_header", "it is cut short; download it again"),
    ("stl import", "it is damaged; download it again"),
    ("missing resource", "a file that it refers to is missing"),
    ("traceback", "it is damaged, or uses a feature that this Blender's importer does not know"),
)
"""What the importers say in lower case, and what that means to a person; the first that fits."""


def read(path: Path) -> tuple[str, ...]:
    """Let Blender's importer put what the file holds into the current scene, at rest: no animation, no pose.

    What a glTF states without any animation is its rest, bones and all.

    A window may show another scene afterwards, see :func:`..scene.surroundings.same_scenes_shown`.

    :return: what had to be left out or mended, as phrases: "without its texture base.png, which is missing".
    :raises UnreadableError: there is no such file, or nothing here reads this kind.
    :raises RuntimeError: the importer refused it; ``meaning`` says why in plain words.
    """
    before = ids_of(bpy.data.objects)
    with _reader_of(path) as reader:
        if reader is _GLTF:
            return _read_mended(reader, path, AT_REST)
        told = reader(path)
        if reader in (_FBX, _FBX_ADDON):
            _put_to_rest(obj for obj in bpy.data.objects if obj.session_uid not in before)
        return told


def _put_to_rest(objects: Iterable[bpy.types.Object]) -> None:
    """Take bones out of the pose in which they were when the file was written.

    A file can hold its units in the size of its bones, and Blender has no such thing at rest: they stay as they are.
    """
    for obj in objects:
        bones = list(obj.pose.bones) if obj.pose else []
        if all(abs(size - 1) < _ALMOST for bone in bones for size in bone.matrix_basis.to_scale()):
            for bone in bones:
                bone.matrix_basis.identity()


def may_be_animated(path: Path) -> bool:
    """Whether a file may hold animations of something rigged. Of a glTF that is known, of an FBX it is not."""
    readers = _READERS.get(path.suffix.lower(), ())
    if _GLTF not in readers:
        return _FBX in readers
    try:
        return is_animated_rig(Draft.read(path).root)
    except (Flaw, OSError):
        return False


def read_animated(path: Path) -> float:
    """Let Blender's importer put what the file holds into the current scene, with the animations that it has.

    They begin at frame 0, and move what came in from now on.

    :return: how many frames of them are a second.
    :raises UnreadableError: as :func:`read` does.
    :raises RuntimeError: the importer refused it.
    """
    render = bpy.context.scene.render
    with _reader_of(path) as reader:
        render.fps_base = 1.0  # of the importers, one multiplies by it, the others divide
        if reader is _GLTF:
            _read_mended(reader, path, MENDS)
        else:
            reader(path, use_anim=True, anim_offset=0.0)
        return render.fps / render.fps_base


@contextmanager
def _reader_of(path: Path) -> Iterator[_Reader]:
    """What reads a file here, ready for use. What that does to anything but the mesh is undone at the end."""
    if not path.is_file():
        raise UnreadableError("there is no such file")
    for reader in _READERS.get(path.suffix.lower(), ()):
        with _enabled(reader.addon), undisturbed(bpy.context.scene):
            if reader.known_options():
                yield reader
                return
    raise UnreadableError(f"this Blender has no importer for {path.suffix or 'nameless'} files")


def _read_mended(reader: _Reader, path: Path, mends: Sequence[Mend]) -> tuple[str, ...]:
    """Read a mended copy where the file itself would make the importer stumble; a plainer one where it has stumbled."""
    before = ids_of_all()
    try:
        return _read_once(reader, path, mends)
    except RuntimeError as error:
        refusal = error
    for more in (PLAINER, PLAINEST):
        bpy.data.batch_remove(datablocks(other_than=before))
        with suppress(RuntimeError):
            return _read_once(reader, path, (*mends, *more))
    raise refusal


def _read_once(reader: _Reader, path: Path, mends: Sequence[Mend]) -> tuple[str, ...]:
    mended, trouble = None, None
    with ExitStack() as stack:
        try:
            spare = tempfile.TemporaryDirectory(prefix="scenario-", ignore_cleanup_errors=True)
            folder = Path(stack.enter_context(spare))
            mended = mended_copy(path, folder, mends=mends, readable=readable_extensions())
        except Flaw as flaw:  # the importer has the last word
            log.debug("%s %s", path.name, flaw)
        except OSError as error:
            log.warning("%s is read as it is, there is no copy to be mended: %s", path.name, error)
            trouble = error.strerror or str(error)
        try:
            reader(mended.path if mended else path)
        except RuntimeError as error:
            if trouble is None:
                raise
            raise UnreadableError(f"a copy of it has to be mended first, and cannot be written ({trouble})") from error
    return mended.told if mended else ()


def meaning(error: Exception) -> str:
    """What an importer's complaint means: a phrase without a full stop."""
    said = str(error)
    if isinstance(error, UnreadableError):
        return said
    known = (plain for words, plain in _MEANINGS if words in said.lower())
    return next(known, said.removeprefix("Error: ").strip().rstrip("."))


def gltf_problem() -> str | None:
    """Why this Blender cannot import GLB files; ``None`` when it can."""
    try:
        with _enabled(_GLTF.addon):
            return None if _GLTF.known_options() else "Blender's glTF importer is missing"
    except UnreadableError as error:
        return str(error)


def readable_extensions() -> frozenset[str]:
    """The glTF extensions that this Blender's importer can do what a file requires of it.

    Source: ``io_scene_gltf2/io/imp/gltf2_io_gltf.py`` of each version. Some distributions, and some versions of the
    ``bpy`` module, come without the libraries that unpack a mesh: the importer finds that out at the first such file.
    """
    readable = READABLE if _has_draco() else READABLE - {_DRACO}
    return readable | _MESHOPT if _has_library("bf_intern_meshopt_bridge") else readable


def _has_draco() -> bool:
    """Whether the importer finds its library; until 5.1 a module of Draco's own knows where, by one of two names."""
    for name in ("draco", "gltf2_io_draco_compression_extension"):
        try:
            module = importlib.import_module(f"io_scene_gltf2.io.com.{name}")
        except ImportError:
            continue
        return bool(module.dll_exists(quiet=True))
    return _has_library("bf_intern_draco_bridge")


def _has_library(name: str) -> bool:
    """Whether the importer of 5.2 or newer finds a library that unpacks meshes; older ones know none by such a name."""
    try:
        library = importlib.import_module("io_scene_gltf2.io.com.library")
    except ImportError:
        return False
    path: Path | None = library.dll_path(name, name)
    return path is not None and path.is_file()


@contextmanager
def _enabled(addon: str | None) -> Iterator[None]:
    """Switch one of Blender's own add-ons on for the call, and off again when the artist had it off."""
    import addon_utils  # the ``bpy`` module puts it on the path when it is loaded

    if addon is None or addon_utils.check(addon)[1]:
        yield
        return
    problems: list[Exception] = []
    enable: Any = addon_utils.enable
    enable(addon, handle_error=problems.append)
    if problems:
        raise UnreadableError(f"Blender's add-on {addon} does not start ({problems[0]})")
    try:
        yield
    finally:
        addon_utils.disable(addon)
