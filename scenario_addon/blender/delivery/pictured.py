# SPDX-License-Identifier: GPL-3.0-or-later
"""How a job's picture comes into the file: as an Image datablock, chosen as the source. Main thread only.

The datablock is packed, so that the saved .blend keeps it, and has a fake user, since it was paid for. The source that
it takes the place of is remembered, and one step goes back to it.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import bpy

from ...engine.account.costs import told_cu
from ...engine.errors import ImportFailed, ScenarioError
from ...engine.ledger.job import State
from ...engine.text import amount, sentences
from ...engine.values import JobId
from ..app.session import session
from ..form.properties import scene_settings
from ..form.stored import choice, text

if TYPE_CHECKING:
    from ...engine.ledger.job import Job

__all__ = ["bring_picture", "choose_image", "earlier_words", "go_back", "is_chosen", "maker_of_image", "picture_of"]

log = logging.getLogger(__name__)

_JOB: Final = "scenario_job_id"
_NUMBER: Final = "scenario_picture"
"""Which of a job's pictures an image is, from 0."""


def picture_of(job: Job, number: int = 0) -> bpy.types.Image | None:
    """Find the image that shows one of a job's pictures. Cheap enough for a redraw."""
    return next((i for i in bpy.data.images if i.get(_JOB) == job.id and i.get(_NUMBER, 0) == number), None)


def maker_of_image(image: bpy.types.Image) -> Job | None:
    """Find the job that has brought an image; ``None`` for any other image."""
    job_id = image.get(_JOB)
    return session.jobs.get(JobId(job_id)) if isinstance(job_id, str) else None


def is_chosen(job: Job, scene: bpy.types.Scene) -> bool:
    """Whether one of a job's pictures is the source."""
    settings = scene_settings(scene)
    image = settings.image if choice(settings, "source") == "IMAGE" else None
    return image is not None and image.get(_JOB) == job.id


def bring_picture(job: Job, scene: bpy.types.Scene, *, number: int = 0) -> bpy.types.Image:
    """Have a job's pictures in the file, one of them chosen as the source, and note in the ledger that they are there.

    A job that was due and failed is held.

    :raises ImportFailed: the file cannot be read; everything is as it was.
    """
    is_new = job.state is not State.IMPORTED
    try:
        images = _images(job)
    except ScenarioError as error:
        log.warning("job %s: %s", job.id, error)
        if job in session.jobs.ready:
            session.jobs.hold(job, error)
        raise
    session.jobs.finish(job)
    image = images[min(number, len(images) - 1)]
    choose_image(scene, image, made_of=bpy.data.images.get(job.order.target.get("of_image", "")))
    if is_new:
        session.announcements.add("INFO", _news(job, images))
    return image


def _images(job: Job) -> list[bpy.types.Image]:
    """:raises ImportFailed: one of them is not there, or Blender cannot read it."""
    file = job.file_here
    if file is None:
        raise ImportFailed("The file is no longer there.", path=job.file.path if job.file else Path())
    paths = [file.path, *(path for path in file.more if path.exists())]
    made: list[bpy.types.Image] = []
    try:
        for number, path in enumerate(paths):
            known = picture_of(job, number)
            if known is None:
                known = _loaded(job, path, number)
                made.append(known)
        return [image for number in range(len(paths)) if (image := picture_of(job, number)) is not None]
    except (ScenarioError, RuntimeError) as error:
        for image in made:
            bpy.data.images.remove(image)
        raise ImportFailed(f"Blender cannot read {file.path.name}: look at the file itself.", path=file.path) from error


def _loaded(job: Job, path: Path, number: int) -> bpy.types.Image:
    """:raises RuntimeError: Blender cannot read it."""
    image: Any = bpy.data.images.load(str(path), check_existing=False)
    image[_JOB], image["scenario_model"], image[_NUMBER] = job.id, job.order.model_id, number
    image.name = job.order.name if number == 0 else f"{job.order.name} {number + 1}"
    try:
        image.pack()
    except RuntimeError:
        bpy.data.images.remove(image)
        raise
    image.use_fake_user = True
    return image


def _news(job: Job, images: list[bpy.types.Image]) -> str:
    """Say that a picture is there, and what of it the artist would otherwise look for."""
    file, cost_cu = job.file, told_cu(job)
    size = f"{file.width_px} x {file.height_px} px" if file is not None and file.width_px else ""
    facts = ", ".join(filter(None, (size, amount(cost_cu) if cost_cu is not None else "")))
    more = f"{len(images) - 1} more are among the images of this file" if len(images) > 1 else ""
    return sentences(
        f"{images[0].name} is the source now: {facts}" if facts else f"{images[0].name} is the source now", more
    )


def choose_image(scene: bpy.types.Scene, image: bpy.types.Image, *, made_of: bpy.types.Image | None = None) -> None:
    """Have an image be the source, and remember what was; image editors that show that show the image.

    :param made_of: the image that it was made of, which an image editor may have shown.
    """
    settings = scene_settings(scene)
    before = settings.image if choice(settings, "source") == "IMAGE" else None
    if before == image or not scene.is_editable:
        return
    _remember(settings, otherwise=made_of)
    settings.source, settings.image = "IMAGE", image
    _show(image, instead_of=(before, made_of))


def _remember(settings: Any, *, otherwise: bpy.types.Image | None = None) -> None:
    """Keep what the source is, or another image where that is nothing."""
    making, kind = settings.making, choice(settings, "source")
    if (kind == "IMAGE" and settings.image is None) or (kind == "FILE" and not text(settings, "filepath")):
        if otherwise is not None:
            making.earlier_source, making.earlier_image, making.earlier_filepath = "IMAGE", otherwise, ""
        return
    making.earlier_source = kind
    making.earlier_image = settings.image if kind == "IMAGE" else None
    making.earlier_filepath = text(settings, "filepath") if kind == "FILE" else ""


def _show(image: bpy.types.Image, *, instead_of: Collection[bpy.types.Image | None]) -> None:
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "IMAGE_EDITOR":
                space: Any = area.spaces.active
                if space.image is None or space.image in instead_of:
                    space.image = image


def earlier_words(scene: bpy.types.Scene) -> str:
    """What the source was before the picture came, as a button names it; "" where there was none."""
    settings = scene_settings(scene)
    kind, image = text(settings.making, "earlier_source"), settings.making.earlier_image
    if kind == "IMAGE":
        return image.name if image is not None and image != settings.image else ""
    if kind == "FILE":
        return Path(bpy.path.abspath(text(settings.making, "earlier_filepath"))).name
    names = {item.identifier: item.name for item in settings.bl_rna.properties["source"].enum_items}  # pyright: ignore[reportAttributeAccessIssue]
    return names.get(kind, "")


def go_back(scene: bpy.types.Scene) -> None:
    """Have the earlier source be the source again; the picture that it gives way to is the earlier one then."""
    settings = scene_settings(scene)
    making = settings.making
    kind, image, filepath = text(making, "earlier_source"), making.earlier_image, text(making, "earlier_filepath")
    before = settings.image if choice(settings, "source") == "IMAGE" else None
    _remember(settings)
    settings.source = kind
    if kind == "IMAGE" and image is not None:
        settings.image = image
        _show(image, instead_of=(before,))
    elif kind == "FILE":
        settings.filepath = filepath
