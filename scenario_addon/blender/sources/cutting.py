# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures whose background is taken away before they are sent: here where it is plain, else by the service.

Main thread only. What comes of a picture is remembered as long as its file is the same, so that what was seen and
priced is what is ordered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from ...engine.errors import ScenarioError
from ..app.config import pictures_folder
from ..app.session import session
from .pictures import Pictures, Source
from .plan import Planned, Shot

if TYPE_CHECKING:
    import numpy as np

    from ...engine.models.model import Model
    from ..form.properties import SCENARIO_PG_scene
    from .plan import Item

__all__ = [
    "Cut",
    "begin",
    "by_service",
    "cut",
    "cut_of",
    "has_background",
    "is_under_way",
    "is_wanted",
    "note_backgrounds",
    "shown",
    "wait",
    "wants_none",
]

_TASK = "cut"


@dataclass(frozen=True)
class Cut:
    """What becomes of a picture."""

    picture: Path
    """As it was taken."""
    written_ns: int
    """When that was written."""
    result: Path | None
    """Without its background; ``None``: the service takes that away."""
    sha256: str = ""
    """Of the picture's bytes, where the service cuts it out."""
    is_as_it_was: bool = False
    """Whether there is nothing behind its subject anyway."""


def is_wanted(settings: SCENARIO_PG_scene, model: Model) -> bool:
    """Whether what is behind the subject goes, of pictures for a model that wants nothing there."""
    return settings.cut_out and wants_none(model)


def wants_none(model: Model) -> bool:
    """Whether a model's record says that it wants nothing behind the subject."""
    return model.source is not None and model.source.background == "transparent"


def cut_of(item: Item) -> Cut | None:
    """Give what becomes of a picture, as far as that is known. Looks at no file."""
    return session.cuts.get(_key(item))


def by_service(planned: Planned) -> list[Cut]:
    """Give those of which the service takes the background away, as far as that is known. Looks at no file."""
    known = (cut_of(item) for item in _items(planned))
    return [one for one in known if one is not None and one.result is None]


def has_background(planned: Planned) -> list[str]:
    """Call by name the pictures that have something behind their subject, as far as was looked at."""
    opaque = {key for key, (_, is_opaque) in session.backgrounds.items() if is_opaque}
    found = (item for item in _items(planned) if _key(item) in opaque)
    return [item.words if isinstance(item, Source) else item.name for item in found]


def note_backgrounds(planned: Planned, model: Model) -> bool:
    """Look at files that were not looked at yet, by what comes before their pixels; says whether that told anything."""
    from ..picture.framed.cutout import is_without_alpha  # lazy: numpy takes longer than enabling an add-on may

    found = False
    for item in _items(planned) if wants_none(model) else ():
        path = _file(item)
        try:
            stamp = (str(path), path.stat().st_mtime_ns) if path is not None else None
        except OSError:
            continue
        if path is None or session.backgrounds.get(_key(item), (None,))[0] == stamp:
            continue
        session.backgrounds[_key(item)] = (stamp, is_without_alpha(path))
        found = True
    return found


def cut(item: Source | bpy.types.Image, taken: Path) -> Cut:
    """Take the background away, or leave it to the service. Waits: about a second for 2,048 px.

    :param taken: the picture's file.
    :raises ScenarioError: the picture cannot be read, or the result not be written.
    """
    from ..picture.framed.cutout import pixels_to_cut, without_ground

    if (known := _still(item, taken)) is None:
        pixels = pixels_to_cut(taken, folder=pictures_folder())
        known = _keep(item, taken, None if pixels is None else without_ground(pixels), has_ground=pixels is not None)
    return known


def shown(one: Cut) -> Path | None:
    """Give the picture that is sent, once it is here: the service's comes with the job."""
    if one.result is not None or session.connection is None or session.ledger is None:
        return one.result
    path = session.ledger.cut_outs.path(session.connection.scope, one.sha256)
    return path if path.is_file() else None


def begin(context: bpy.types.Context, planned: Planned, model: Model) -> None:
    """Have it found out what becomes of the pictures, each by a thread.

    :raises ScenarioError: a picture cannot be taken.
    """
    pictures = Pictures(context, pictures_folder(), model)
    todo = [(item, pictures.take(item)) for item in _items(planned)]
    _go_on([(item, path) for item, path in todo if _still(item, path) is None])


def is_under_way() -> bool:
    """Whether that is being found out."""
    return session.tasks.is_running(_TASK)


def wait() -> None:
    """Block until what is being worked on is known."""
    session.tasks.wait(_TASK)


def _go_on(todo: Sequence[tuple[Any, Path]]) -> None:
    from ..picture.framed.cutout import pixels_to_cut, without_ground

    if not todo:
        return
    (item, path), *others = todo
    pixels = pixels_to_cut(path, folder=pictures_folder())
    if pixels is None:
        _keep(item, path, None, has_ground=False)
        _go_on(others)
        return

    def done(result: Any) -> None:
        try:
            _keep(item, path, None if isinstance(result, ScenarioError) else result, has_ground=True)
            _go_on(others)
        except ScenarioError as error:
            session.tell("pictures", error.user_message)

    session.tasks.run(_TASK, lambda: without_ground(pixels), done)


def _keep(item: Any, taken: Path, pixels: np.ndarray | None, *, has_ground: bool) -> Cut:
    from ..picture.framed.kept import keep_pixels

    result = taken if not has_ground else None
    if pixels is not None:
        result = keep_pixels(pixels, name=taken.stem, folder=pictures_folder())
    sha256 = "" if result else hashlib.sha256(taken.read_bytes()).hexdigest()
    made = Cut(taken, taken.stat().st_mtime_ns, result, sha256, is_as_it_was=not has_ground)
    session.cuts[_key(item)] = made
    return made


def _still(item: Any, taken: Path) -> Cut | None:
    """Give what is known of a picture, if its file has not changed since."""
    known = cut_of(item)
    if known is None or known.picture != taken or known.written_ns != taken.stat().st_mtime_ns:
        return None
    return known if known.result is None or known.result.is_file() else None


def _items(planned: Planned) -> Iterable[Any]:
    """The pictures that may have a background: those that are taken of objects have none."""
    return (item for item in planned.items if not isinstance(item, Shot))


def _file(item: Any) -> Path | None:
    """The file that a picture is in; ``None`` where that is not known without taking it."""
    if isinstance(item, Source) and item.kind == "FILE":
        return Path(bpy.path.abspath(item.filepath))
    image = bpy.data.images.get(item.image) if isinstance(item, Source) else item
    if image is None or image.source != "FILE" or image.is_dirty or image.packed_files or not image.filepath:
        return None
    return Path(bpy.path.abspath(image.filepath, library=image.library))


def _key(item: Item) -> str:
    return str(item.name_full if isinstance(item, bpy.types.Image) else item)
