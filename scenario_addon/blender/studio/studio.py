# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes pictures of a subject, alone and from as many sides as are wanted, in another Blender.

The artist's Blender only writes a copy of the subject; what renders may take long, crash or be ended over there.
Source: ``child.worker``.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from ...engine.errors import DiskError, PictureError, ScenarioError
from ..children.errand import Errand
from ..children.process import Child, blender_with
from ..children.quarters import Quarters
from ..picture.containers import without_origin
from ..picture.files import keep
from .capture import Capture
from .duplicate import Duplicate, duplicate
from .setup import ENGINES, Setup
from .subject import Subject

__all__ = ["WORK", "Sitting", "Studio"]

log = logging.getLogger(__name__)

WORK: Final = "studio.child.worker"
"""What the other Blender does."""
_PATIENCE_S: Final = 600.0
"""For any number of pictures."""
_READ: Final = 0.1
"""Part of the progress when the child has begun."""
_NO_SPACE: Final = "No space left"


class Sitting(Errand[Capture]):
    """Pictures that are being taken. Any thread; the outcome of what is cancelled is a :class:`PictureError`."""

    def __init__(self, subject: Subject, setup: Setup, *, pictures: Path) -> None:
        super().__init__(subject.name)
        self.names = subject.names
        self.setup = setup
        self.pictures = pictures
        """The folder where they are kept."""
        self.progress = 0.0
        """From 0 to 1."""

    def hear(self, answer: dict[str, Any]) -> None:
        """Take notice of what the child says."""
        if "begun" in answer:
            self.progress = _READ
        elif "done" in answer:
            self.progress = _READ + (1.0 - _READ) * answer["done"] / len(self.setup.pictures)


class Studio:
    """Any thread, but for the constructor and for :meth:`begin` and :meth:`take`: those are the main thread's.

    :param folder: for files in use; it may be shared with other processes.
    :param command: what runs ``child.worker``; by default a Blender like this one.
    :param engines: what may render, the best first.
    :param patience_s: how long all pictures of one order may take.
    """

    def __init__(
        self,
        folder: Path,
        *,
        command: Sequence[str] | None = None,
        engines: Sequence[str] = ENGINES,
        patience_s: float = _PATIENCE_S,
    ) -> None:
        self._command = blender_with(WORK) if command is None else tuple(command)
        self._engines = tuple(engines)
        self._patience_s = patience_s
        self._quarters = Quarters(folder, self.close)
        self._place = threading.Semaphore()
        """One at a time: the renderer uses all of the processor."""
        self._sittings: set[Sitting] = set()

    def begin(self, subject: Subject, setup: Setup, *, pictures: Path) -> Sitting:
        """Write a copy of the subject, and have it rendered. Returns after that, in some milliseconds.

        :param pictures: the folder that they are kept in, as ``<subject>-<side>-<fingerprint>.png``.
        :raises DiskError: the copy cannot be written.
        """
        room = self._quarters.room()
        try:
            copy = duplicate(subject, room, with_light=setup.light == "SCENE")
        except BaseException:
            shutil.rmtree(room, ignore_errors=True)
            raise
        sitting = Sitting(subject, setup, pictures=pictures)
        self._sittings.add(sitting)
        threading.Thread(target=self._work, args=(sitting, copy, room), name="scenario-studio", daemon=True).start()
        return sitting

    def take(self, subject: Subject, setup: Setup, *, pictures: Path) -> Capture:
        """Do the same and wait for the outcome.

        :raises PictureError: there are no pictures; the sentence says why.
        :raises DiskError: something cannot be written.
        """
        return self.begin(subject, setup, pictures=pictures).result()

    def close(self) -> None:
        """Cancel everything, and remove every file in use. It can be used again."""
        for sitting in list(self._sittings):
            sitting.cancel()
            sitting.wait()
        self._quarters.leave()

    def _work(self, sitting: Sitting, copy: Duplicate, room: Path) -> None:
        """Have one order rendered. Runs in a thread of its own."""
        outcome: Capture | ScenarioError
        try:
            copy.finish()
            order = {**copy.about, "setup": sitting.setup.to_json(), "folder": str(room)}
            with self._place:
                outcome = self._outcome(sitting, order, room)
        except ScenarioError as error:
            outcome = error
        except Exception as error:  # the border of a thread: whoever waits must hear of it
            log.debug("taking pictures broke", exc_info=True)
            outcome = PictureError(f"{sitting.name} could not be rendered: {error}.")
        shutil.rmtree(room, ignore_errors=True)
        self._sittings.discard(sitting)
        sitting.end(outcome)

    def _outcome(self, sitting: Sitting, order: dict[str, Any], room: Path) -> Capture:
        """Render with the first engine that works.

        :raises PictureError: there are no pictures.
        :raises DiskError: they cannot be written.
        """
        answer, child = {}, None
        for engine in self._engines:
            child = self._start(sitting, room / f"{engine}.txt")
            try:
                answer = child.tell({**order, "engine": engine, "limit_s": self._patience_s}, sitting.hear)
            finally:
                sitting.attach(None)
                child.close()
            if sitting.is_cancelled:
                raise PictureError("Taking the pictures was cancelled.")
            has_crashed = "begun" in answer and not _is_an_outcome(answer) and not child.was_ended
            if "no_engine" not in answer and not (has_crashed and engine != ENGINES[0]):
                break
        assert child is not None
        return self._judged(sitting, child, answer, room)

    def _start(self, sitting: Sitting, console: Path) -> Child:
        if sitting.is_cancelled:
            raise PictureError("Taking the pictures was cancelled.")
        try:
            child = Child.start(self._command, console)
        except OSError as error:
            raise PictureError(f"No second Blender can be started, so nothing is rendered: {error}.") from error
        sitting.attach(child)
        return child

    def _judged(self, sitting: Sitting, child: Child, answer: dict[str, Any], room: Path) -> Capture:
        name = sitting.name
        if "low" in answer:
            return _kept(sitting, answer, room)
        if "exhausted" in answer or child.wanted_too_much_memory:
            raise PictureError(_too_large(name, child.limit_bytes))
        if "failed" in answer:
            log.error("%s could not be rendered: %s | %s", name, answer["failed"], child.last_words())
            if _NO_SPACE in answer["failed"] + child.last_words():
                raise DiskError(f"There is no space left in {self._quarters.folder} for pictures of {name}.")
            raise PictureError(f"{name} could not be rendered: {answer['failed'].rstrip('.')}.")
        if "empty" in answer:
            sides = " or ".join(answer["empty"])
            raise PictureError(
                f"Nothing of {name} is seen from {sides}: choose other sides."
                if sides
                else f"{name} has no surface that could be seen: select something else."
            )
        if child.was_ended:
            raise PictureError(f"Rendering {name} took more than {self._patience_s / 60:.0f} minutes and was ended.")
        log.error("the studio ended with %s: %s", child.process.returncode, child.last_words())
        if "no_engine" in answer or "begun" not in answer:
            raise PictureError(f"This Blender has nothing that could render {name}: take a picture of it yourself.")
        raise PictureError(f"The second Blender crashed while it rendered {name}: select less, or try again.")


def _is_an_outcome(answer: dict[str, Any]) -> bool:
    return bool({"low", "failed", "empty", "exhausted"} & answer.keys())


def _too_large(name: str, limit_bytes: int | None) -> str:
    left = f"the {limit_bytes / 1e9:.1f} GB that this computer has left for it" if limit_bytes else "there is"
    remedy = "close other programs, or select less"
    return f"Rendering {name} needs more memory than {left}, so there are no pictures: {remedy}."


def _kept(sitting: Sitting, answer: dict[str, Any], room: Path) -> Capture:
    """Keep the pictures that are there.

    :raises DiskError: they cannot be written.
    """
    kept: dict[str, Path] = {}
    for picture in sitting.setup.pictures:
        data = without_origin((room / f"{picture}.png").read_bytes())
        kept[picture] = keep(data, name=f"{sitting.name}-{picture}", folder=sitting.pictures)
    low, high = ((round(x, 6), round(y, 6), round(z, 6)) for x, y, z in (answer["low"], answer["high"]))
    missing = [f"The file of the image {name} is missing: it is pink." for name in answer["missing"]]
    return Capture(
        MappingProxyType(kept), sitting.names, sitting.setup.facing, low, high, answer["m_per_px"], tuple(missing)
    )
