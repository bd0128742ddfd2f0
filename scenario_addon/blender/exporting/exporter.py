# SPDX-License-Identifier: GPL-3.0-or-later
"""Has meshes of the scene exported by another Blender: the artist's only writes a copy of them. Source: ``worker``."""

from __future__ import annotations

import hashlib
import logging
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ...engine.errors import DiskError, MeshError, ScenarioError
from ...engine.files import make_private_folder, whole
from ...engine.meshes.file import inspect
from ...engine.meshes.fitting import fitting
from ...engine.names import fitting_name
from ...engine.values import SourceMesh
from ..children.errand import Errand
from ..children.process import Child, blender_with
from ..children.quarters import Quarters
from ..picture.containers import without_origin
from ..studio.duplicate import Duplicate, duplicate
from .outgoing import Outgoing, check_count, format_for

if TYPE_CHECKING:
    from ...engine.meshes.limits import MeshLimits

__all__ = ["WORK", "Export", "Exported", "Exporter"]

log = logging.getLogger(__name__)

WORK: Final = "exporting.worker"
"""What the other Blender does."""
_PATIENCE_S: Final = 600.0
_NO_SPACE: Final = "No space left"


@dataclass(frozen=True)
class Exported:
    """A mesh that has been exported and looked at."""

    mesh: SourceMesh
    notes: tuple[str, ...] = ()
    """What the artist should know of it, a sentence each."""


class Export(Errand[Exported]):
    """A mesh that is being exported. Any thread; the outcome of one that is cancelled is a :class:`MeshError`."""

    def __init__(self, name: str, limits: MeshLimits, model_name: str) -> None:
        super().__init__(name)
        self.limits, self.model_name = limits, model_name


class Exporter:
    """Any thread, but for the constructor and for :meth:`begin`: those are the main thread's.

    :param folder: for files in use; it may be shared with other processes.
    :param command: what runs ``worker``; by default a Blender like this one.
    """

    def __init__(self, folder: Path, *, command: Sequence[str] | None = None, patience_s: float = _PATIENCE_S) -> None:
        self._quarters, self._patience_s = Quarters(folder, self.close), patience_s
        self._command = blender_with(WORK) if command is None else tuple(command)
        self._exports: set[Export] = set()
        self._place = threading.Semaphore()
        """One at a time, for the memory's sake."""

    def begin(self, outgoing: Outgoing, limits: MeshLimits, *, model_name: str, kept: Path) -> Export:
        """Write a copy of the objects, and have it exported as a model takes it. Returns once the copy is there.

        :param kept: the folder where the file is kept, as ``<object>-<fingerprint>.<suffix>``.
        :raises MeshError: the model takes nothing like it.
        :raises DiskError: the copy cannot be written.
        """
        check_count(outgoing.name, outgoing.triangles, outgoing.polygons, limits, model_name)
        suffix, room = format_for(limits, model_name), self._quarters.room()
        try:
            copy = duplicate(outgoing.subject, room)
            order = {
                **copy.about,
                "home": [row[:] for row in outgoing.home],
                "suffix": suffix,
                "print": str(room / "print.glb"),
                "path": str(room / f"{fitting_name(outgoing.name, room)}.{suffix}"),
            }
        except BaseException:
            shutil.rmtree(room, ignore_errors=True)
            raise
        export = Export(outgoing.name, limits, model_name)
        self._exports.add(export)
        work = (export, copy, order, room, kept)
        threading.Thread(target=self._work, args=work, name="scenario-export", daemon=True).start()
        return export

    @property
    def is_busy(self) -> bool:
        return bool(self._exports)

    def cancel(self) -> None:
        """End all that is under way. Returns at once."""
        for export in list(self._exports):
            export.cancel()

    def close(self) -> None:
        """Cancel everything, and remove every file in use. It can be used again."""
        self.cancel()
        for export in list(self._exports):
            export.wait()
        self._quarters.leave()

    def _work(self, export: Export, copy: Duplicate, order: dict[str, Any], room: Path, kept: Path) -> None:
        """Have one order carried out. Runs in a thread of its own."""
        outcome: Exported | ScenarioError
        try:
            copy.finish()
            with self._place:
                outcome = self._outcome(export, order, room, kept)
        except ScenarioError as error:
            outcome = error
        except Exception as error:  # the border of a thread: whoever waits must hear of it
            log.debug("exporting broke", exc_info=True)
            outcome = MeshError(f"{export.name} could not be exported: {error}.")
        shutil.rmtree(room, ignore_errors=True)
        self._exports.discard(export)
        export.end(outcome)

    def _outcome(self, export: Export, order: dict[str, Any], room: Path, kept: Path) -> Exported:
        """:raises ScenarioError: there is no file."""
        for picture in map(Path, order["images"].values()):  # else the time would be in it
            picture.write_bytes(without_origin(picture.read_bytes()))
        if export.is_cancelled:
            raise _cancelled()
        try:
            child = Child.start(self._command, room / "console.txt")
        except OSError as error:
            raise MeshError(f"No second Blender can be started, so nothing is exported: {error}.") from error
        export.attach(child)
        try:
            answer = child.tell({**order, "limit_s": self._patience_s})
        finally:
            export.attach(None)
            child.close()
        if export.is_cancelled:
            raise _cancelled()
        if not answer.get("exported"):
            raise self._refusal(export.name, child, answer)
        missing = [f"The file of the image {name} is missing: it is not sent." for name in answer["missing"]]
        path = Path(order["path"])
        mesh, note = fitting(path, limits=export.limits, model_name=export.model_name, folder=room)
        mesh = _kept(mesh, export.name, kept, fingerprint=_fingerprint(Path(order["print"])) or mesh.sha256)
        return Exported(mesh, (*missing, *([note] if note else [])))

    def _refusal(self, name: str, child: Child, answer: dict[str, Any]) -> ScenarioError:
        """Say why there is no file."""
        if "empty" in answer:
            return MeshError(f"{name} has no faces: there is nothing to refine.")
        if "strange" in answer:
            return MeshError(f"{name} has points that are nowhere (no numbers): delete those first.")
        if "exhausted" in answer or child.ran_out_of_memory:
            return MeshError(f"Exporting {name} needs more memory than there is: close other programs, or reduce it.")
        if "failed" in answer:
            log.error("%s could not be exported: %s | %s", name, answer["failed"], child.last_words())
            if _NO_SPACE in answer["failed"] + child.last_words():
                return DiskError(f"There is no space left in {self._quarters.folder} to export {name}.")
            return MeshError(f"{name} could not be exported: {answer['failed'].rstrip('.')}.")
        if child.was_ended:
            return MeshError(f"Exporting {name} took more than {self._patience_s / 60:.0f} minutes and was ended.")
        log.error("the exporter ended with %s: %s", child.process.returncode, child.last_words())
        return MeshError(f"The second Blender crashed while it exported {name}: try again, or reduce it.")


def _cancelled() -> MeshError:
    return MeshError("Exporting the mesh was cancelled.")


def _fingerprint(path: Path) -> str:
    """Of the content of a file; "" where there is none."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _kept(mesh: SourceMesh, name: str, folder: Path, *, fingerprint: str) -> SourceMesh:
    """Move a file to where it stays, named after its content; gives the one that was kept of the same before.

    :raises ScenarioError: it cannot be written, or what was kept cannot be read any more.
    """
    fingerprint = fingerprint[:16]
    try:
        make_private_folder(folder)
        stem = fitting_name(name, folder, spare=len(fingerprint) + 1)
        path = folder / f"{stem}-{fingerprint}.{mesh.suffix}"
        if not path.exists():
            with mesh.path.open("rb") as source, whole(path, is_private=True) as copy:
                shutil.copyfileobj(source, copy)
    except (OSError, ValueError) as error:
        reason = error.strerror or error if isinstance(error, OSError) else error
        raise DiskError(f"{name} cannot be written into {folder}: {reason}.") from error
    return inspect(path)
