# SPDX-License-Identifier: GPL-3.0-or-later
"""Has mesh files turned into .blend files by another Blender, so that the artist's stops for an append only.

A file that crashes or hangs Blender's importer does so over there. Each process is used for one file; one is kept ready
while a mesh is being made, so that nobody waits for its start. Source: ``worker``.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import bpy

from ...engine.fetch.portraits import keep_portrait
from ..children.process import Child, blender_with
from ..children.quarters import Quarters
from ..importing.converted import Converted
from ..mesh.finish import Finish
from ..scene.arrival import Arrival
from .verdicts import PATIENCE_S, broken_off, patience_s, too_large

__all__ = ["WORK", "Converter", "Outcome", "Refused", "Unavailable", "this_blender"]

log = logging.getLogger(__name__)

WORK: Final = "converting.worker"
"""What the other Blender does."""
_AT_ONCE: Final = 2
"""Conversions: each may need some GB for a short time."""
_PORTRAIT_S: Final = 60.0
"""So long a picture may take."""
_KEPT: Final = 6
"""The .blend files of the latest meshes stay for an import that is repeated; they have 10 to 150 MB."""


@dataclass(frozen=True)
class Refused:
    """The file is at fault: it must not be imported in the artist's Blender either."""

    reason: str
    """Why, in one sentence for people."""


@dataclass(frozen=True)
class Unavailable:
    """The file is not at fault: it can be imported directly."""

    reason: str


Outcome: TypeAlias = Converted | Refused | Unavailable


@dataclass
class _Conversion:
    """What was asked for, and what became of it."""

    mesh: Path
    name: str
    finish: Finish
    portrait: Path | None
    """Where a picture of it goes; ``None`` for none."""
    outcome: Outcome | None = None

    def is_of(self, other: _Conversion) -> bool:
        return (self.mesh, self.finish) == (other.mesh, other.finish)


class Converter:
    """Any thread, but for the constructor.

    :param folder: for files in use; it may be shared with other processes.
    :param command: what starts a child; by default this Blender without a window. Empty: there is none to start.
    :param patience_s: how long any file may take.
    """

    def __init__(self, folder: Path, *, command: Sequence[str] | None = None, patience_s: float = PATIENCE_S) -> None:
        self._command = this_blender() if command is None else tuple(command)
        self._patience_s = patience_s
        self._quarters = Quarters(folder, self.close)
        self._lock = threading.Lock()
        """Held for moments only: the main thread takes it as well."""
        self._starting = threading.Lock()
        self._places = threading.BoundedSemaphore(_AT_ONCE)
        self._portraying = threading.Lock()
        self._to_portray: set[str] = set()
        self.portrayed: queue.SimpleQueue[str] = queue.SimpleQueue()
        """Jobs of which a picture has been taken."""
        self._conversions: dict[str, _Conversion] = {}
        self._children: set[Child] = set()
        self._ready: Child | None = None
        self._is_starting = self._is_closed = False

    @property
    def is_available(self) -> bool:
        return bool(self._command) and not self._is_closed

    def expect(self) -> None:
        """Have a process ready for a mesh that will come. Returns at once."""
        with self._lock:
            if self._ready is None and not self._is_starting and self.is_available:
                self._is_starting = True
                _in_thread(self._get_ready)

    def release(self) -> None:
        """Let the process go that is ready: no mesh is expected any more."""
        with self._lock:
            child, self._ready = self._ready, None
        if child is not None:
            _in_thread(lambda: self._let_go(child))

    def begin(
        self, job_id: str, mesh: Path, *, name: str, finish: Finish | None = None, portrait: Path | None = None
    ) -> None:
        """Have a file converted, unless that is done or under way. Returns at once, and looks at no disk.

        :param portrait: where a picture of it goes, which comes later than the rest, or not at all.
        """
        wanted = _Conversion(mesh, name, finish or Finish(), portrait)
        with self._lock:
            known = self._conversions.get(job_id)
            if not self.is_available or (known is not None and known.is_of(wanted)):
                return
            self._conversions.pop(job_id, None)  # the latest is the last
            self._conversions[job_id] = wanted
            if portrait is not None:
                self._to_portray.add(job_id)
        _in_thread(lambda: self._work(job_id, wanted))

    def result(self, job_id: str) -> Outcome | None:
        """What became of a file; ``None`` when it was never begun, while it is under way, or when what came is gone."""
        with self._lock:
            known = self._conversions.get(job_id)
            if known and isinstance(known.outcome, Converted) and not known.outcome.blend.exists():
                del self._conversions[job_id]
                return None
        return known.outcome if known else None

    def portrays(self, job_id: str) -> bool:
        """Whether a picture of a job's mesh is still to come."""
        return job_id in self._to_portray

    def forget(self, job_id: str) -> None:
        """Drop what became of a file: the next time, it is converted anew."""
        with self._lock:
            known = self._conversions.pop(job_id, None)
        if known is not None:
            _remove(known)

    def close(self) -> None:
        """End every process and remove every file."""
        with self._starting, self._lock:
            self._is_closed = True
            children = list(self._children)
        for child in children:
            child.end()
        for child in children:
            child.process.wait()
        self._quarters.leave()

    def _work(self, job_id: str, conversion: _Conversion) -> None:
        """Convert one file, and have it portrayed. Runs in a thread of its own."""
        child: Child | None = None
        with self._places:
            try:
                child, outcome = self._outcome(conversion)
            except Exception as error:  # the border of a thread: whoever waits must hear of it
                log.debug("the conversion broke", exc_info=True)
                outcome = Unavailable(str(error))
        self._settle(job_id, conversion, outcome)
        if child is not None:
            if isinstance(outcome, Converted) and conversion.portrait is not None:
                self._portray(job_id, conversion.portrait, child)
            self._let_go(child)
        self._to_portray.discard(job_id)

    def _portray(self, job_id: str, portrait: Path, child: Child) -> None:
        """Have a picture taken of what a child has just converted; nothing depends on it."""
        part = child.console.with_suffix(".png")
        with self._portraying:
            answer = child.tell({"portrait": str(part), "limit_s": _PORTRAIT_S})
        if answer.get("portrayed") and keep_portrait(part, portrait):
            self.portrayed.put(job_id)

    def _settle(self, job_id: str, conversion: _Conversion, outcome: Outcome) -> None:
        """Note what became of a file."""
        if isinstance(outcome, Unavailable):
            log.warning("%s is imported without another Blender: %s", conversion.mesh.name, outcome.reason)
        with self._lock:
            conversion.outcome = outcome
            is_wanted = self._conversions.get(job_id) is conversion
            done = [key for key, other in self._conversions.items() if other.outcome is not None]
            old = [self._conversions.pop(key) for key in done[:-_KEPT]]
        for other in old if is_wanted else [*old, conversion]:
            _remove(other)

    def _outcome(self, conversion: _Conversion) -> tuple[Child, Outcome]:
        """Have one file converted, by a second process where the first has died; gives the process, to be let go of.

        :raises OSError: no process, or no space on disk.
        """
        child, answer = self._told(conversion)
        if not (answer or child.was_ended):  # it had been ready for long, and has died meanwhile
            self._let_go(child)
            child, answer = self._told(conversion)
        return child, self._judge(conversion, child, answer)

    def _told(self, conversion: _Conversion) -> tuple[Child, dict[str, Any]]:
        """Have a child do it; gives what it says. Blocks until it is done, or has ended.

        :raises OSError: there is no such file, or no child can be started.
        """
        limit_s = patience_s(conversion.mesh, self._patience_s)
        child = self._take()
        order: dict[str, Any] = {
            "mesh": str(conversion.mesh),
            "blend": str(child.console.with_suffix(".blend")),
            "name": conversion.name,
            "finish": conversion.finish.to_json(),
            "limit_s": limit_s,
        }
        return child, child.tell(order)

    def _judge(self, conversion: _Conversion, child: Child, answer: dict[str, Any]) -> Outcome:
        if self._is_closed:
            return Unavailable("Blender quits")
        name = conversion.mesh.name
        if not answer.pop("begun", False):
            return Unavailable(f"it does not start: {child.last_words()}")
        if answer.pop("exhausted", False) or child.ran_out_of_memory:
            return Refused(too_large(conversion.mesh, child.limit_bytes))
        if "failed" in answer:
            return Unavailable(answer["failed"])
        if "refused" in answer:
            return Refused(f"{name} could not be imported: {answer['refused']}.")
        if answer:
            return Converted(child.console.with_suffix(".blend"), Arrival.from_json(answer))
        return Refused(broken_off(conversion.mesh, child))

    def _take(self) -> Child:
        """Give the process that is ready, else start one."""
        with self._lock:
            child, self._ready = self._ready, None
        return child or self._start()

    def _get_ready(self) -> None:
        """Start a process and keep it ready. Runs in a thread of its own."""
        try:
            child = self._start()
        except OSError as error:
            log.warning("no other Blender can be started: %s", error)
            return
        finally:
            self._is_starting = False
        with self._lock:
            if self._ready is None:
                self._ready, child = child, None
        if child is not None:
            self._let_go(child)

    def _start(self) -> Child:
        """Start a process.

        :raises OSError: it cannot be started.
        """
        with self._starting:
            if self._is_closed:
                raise OSError("Blender quits")
            child = Child.start(self._command, self._quarters.path(".txt"))
            with self._lock:
                self._children.add(child)
            return child

    def _let_go(self, child: Child) -> None:
        child.close()
        with self._lock:
            self._children.discard(child)


def this_blender() -> tuple[str, ...]:
    """Empty without a window: there is nobody to keep waiting, and in the ``bpy`` module no Blender to start."""
    is_worth_it = bpy.app.binary_path and not bpy.app.background
    return blender_with(WORK) if is_worth_it else ()


def _remove(conversion: _Conversion) -> None:
    if isinstance(conversion.outcome, Converted):
        with suppress(OSError):  # Windows, while it is being read
            conversion.outcome.blend.unlink()


def _in_thread(work: Any) -> None:
    threading.Thread(target=work, name="scenario-convert", daemon=True).start()
