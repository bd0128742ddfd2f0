# SPDX-License-Identifier: GPL-3.0-or-later
"""A contact sheet of what was made of one source, drawn by other Blenders while this one goes on."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import bpy

from ...engine.errors import DiskError, InputError, PictureError, ScenarioError
from ...engine.host import Commission, Strip, Written
from ...engine.ledger.job import State
from ...engine.outputs.gathered import entry_of
from ...engine.outputs.sheet import result_tile, source_tile
from ...engine.report.outcome import Outcome
from ..app.config import pictures_folder
from ..app.session import session
from ..children.process import Child, blender_with
from ..sheet.worker import to_json
from ..writing.writer import Writer

if TYPE_CHECKING:
    from ...engine.ledger.job import Job
    from ...engine.values import JobId

__all__ = ["begin", "is_under_way", "of_source", "show", "wait"]

WORK: Final = "sheet.worker"
"""What the other Blender does."""
_MARK: Final = "scenario_sheet"
"""Property of an image that is one: the artist's own of that name are not touched."""
_TASK: Final = "sheet"
_LOOK_S: Final = 0.05
_PATIENCE_S: Final = 300.0
"""How long drawing may take, once the previews are there."""


def of_source(job: Job) -> list[Job]:
    """Find what was made of the same source, or could not be, oldest first. What is being made is left out.

    :raises InputError: there is no mesh among them.
    """
    source = job.order.target.get("source")
    others = session.jobs.values() if source else [job]
    kin = [one for one in others if one.scope == job.scope and one.order.target.get("source") == source]
    kin = [one for one in kin if not one.order.gives_picture]
    found = [one for one in kin if one.state is State.FAILED or one.file_here is not None]
    if not any(one.file_here is not None for one in found):
        raise InputError(f"Nothing that was made of {job.order.name} is here yet: wait for it, or import it.")
    return found


def is_under_way() -> bool:
    return session.tasks.is_running(_TASK)


def wait() -> None:
    """Block until it is drawn, and shown."""
    session.tasks.wait(_TASK)


def begin(jobs: Sequence[Job], done: Callable[[bytes | ScenarioError], None]) -> None:
    """Have a sheet drawn. Returns at once.

    :param done: is called with the PNG on the main thread.
    """
    command, folder = blender_with(WORK), Path(tempfile.mkdtemp(prefix="scenario-sheet-", dir=bpy.app.tempdir or None))
    previews = pictures_folder() / "previews"
    writer = Writer(folder / "writing", here=lambda commission: Written(problem="No other Blender can be started."))

    def work() -> bytes:
        try:
            with writer:
                strip = _strip(jobs, _previews(jobs, previews, writer))
            return _drawn(strip, command, folder)
        except OSError as error:
            raise DiskError(f"The contact sheet could not be drawn: {error.strerror or error}.") from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    session.tasks.run(_TASK, work, done)


def _previews(jobs: Sequence[Job], folder: Path, writer: Writer) -> dict[JobId, Path]:
    """Have a picture taken of each mesh that has none. Blocks."""
    wanted = {job.id: folder / f"{job.id}.png" for job in jobs if job.file_here is not None}
    under_way = [
        (
            job,
            writer.begin(Commission(job.file.path, job.order.name, job.id, job.order.model_id, preview=wanted[job.id])),
        )
        for job in jobs
        if job.file is not None and job.id in wanted and not wanted[job.id].is_file()
    ]
    found = {job_id: path for job_id, path in wanted.items() if path.is_file()}
    for job, writing in under_way:
        while not writing.is_over:
            time.sleep(_LOOK_S)
        try:
            written = writing.result()
        except ScenarioError:  # the tile says that there is no picture
            continue
        if written is not None and written.preview is not None:
            found[job.id] = written.preview
    return found


def _strip(jobs: Sequence[Job], previews: dict[JobId, Path]) -> Strip:
    entries = [
        entry_of(
            Outcome(
                number,
                job.order.name,
                job,
                seconds=0.0,
                file=job.file_here,
                preview=previews.get(job.id),
                cost_cu=job.quote_cu,
                error=job.error if job.file_here is None else None,
            )
        )
        for number, job in enumerate(jobs)
    ]
    return Strip(source_tile(entries[0]), tuple(map(result_tile, entries)))


def _drawn(strip: Strip, command: Sequence[str], folder: Path) -> bytes:
    """Have it drawn by another Blender.

    :raises OSError: there is none.
    :raises DiskError: it cannot be written.
    :raises PictureError: it could not be drawn.
    """
    png = folder / "sheet.png"
    child = Child.start(command, folder / "sheet.txt")
    try:
        order: dict[str, Any] = {"strip": to_json(strip), "png": str(png), "limit_s": _PATIENCE_S}
        answers = child.tell(order)
    finally:
        child.close()
    if "disk" in answers:
        raise DiskError(answers["disk"])
    if "left_out" not in answers:
        reason = answers.get("failed") or child.last_words() or "the other Blender has ended"
        raise PictureError(f"The contact sheet could not be drawn: {reason}.")
    return png.read_bytes()


def show(png: bytes, name: str) -> tuple[str, bool]:
    """Keep a sheet as an image of this file, in place of an earlier sheet of the name.

    :return: what the image is called, and whether an editor shows it.
    """
    image = bpy.data.images.get(name)
    if image is None or not image.get(_MARK):
        image = bpy.data.images.new(name, 1, 1)
        image[_MARK] = True
    image.source = "FILE"
    image.pack(data=png, data_len=len(png))
    image.reload()
    areas = [area for window in bpy.context.window_manager.windows for area in window.screen.areas]
    editor = next((area for area in areas if area.type == "IMAGE_EDITOR"), None)
    if editor is not None:
        editor.spaces.active.image = image
        editor.tag_redraw()
    return image.name, editor is not None
