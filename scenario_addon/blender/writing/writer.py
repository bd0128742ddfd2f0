# SPDX-License-Identifier: GPL-3.0-or-later
"""Has files written of meshes by other Blenders, several at once, while this one goes on.

Each of them is used for many meshes, one after the other; one that has crashed, or got no more memory, is replaced, and
what it was at is tried once more. Source: ``worker``.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from ...engine.errors import DiskError, ImportFailed, ScenarioError
from ...engine.host import Commission, Written
from ..children.process import Child, blender_with
from ..children.quarters import Quarters
from ..converting.verdicts import PATIENCE_S, broken_off, too_large
from ..studio.setup import ENGINES
from .assistant import Assistant
from .commissions import clear, no_picture
from .handle import NobodyThere, Writing
from .places import Places, processors

__all__ = ["WORK", "Writer"]

log = logging.getLogger(__name__)

WORK: Final = "writing.worker"
"""What the other Blenders do."""
_IDLE_S: Final = 10.0
"""So long one that has nothing to do is kept besides the first: it takes most of a second to start."""


class Writer:
    """A context manager; its methods are for the main thread.

    :param folder: for files in use; it may be shared with other processes.
    :param here: carries out a commission in this process, where no other one can.
    :param command: what runs ``worker``; by default a Blender like this one.
    :param engines: what may render, the best first.
    :param patience_s: how long any file may take.
    """

    def __init__(
        self,
        folder: Path,
        *,
        here: Callable[[Commission], Written],
        command: Sequence[str] | None = None,
        places: Places | None = None,
        engines: Sequence[str] = ENGINES,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._quarters, self._here = Quarters(folder, self.close), here
        self._command = blender_with(WORK) if command is None else tuple(command)
        self._places = places or Places(processors())
        self._engines, self._patience_s = tuple(engines), patience_s
        self._changed = threading.Condition()
        """Guards what follows."""
        self._waiting: deque[Writing] = deque()
        self._threads: set[threading.Thread] = set()
        self._idle = 0
        self._children: set[Child] = set()
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def expect(self) -> None:
        """Have another Blender ready for a mesh that will come. Returns at once."""
        with self._changed:
            if not self._threads:
                self._add_thread()

    def begin(self, commission: Commission) -> Writing:
        """Begin with a commission when its turn comes. Returns at once."""
        writing = Writing(commission, self._here)
        with self._changed:
            self._waiting.append(writing)
            if self._idle < len(self._waiting) and len(self._threads) < self._places.most:
                self._add_thread()
            self._changed.notify()
        return writing

    def _add_thread(self) -> None:
        thread = threading.Thread(target=self._work, name="scenario-writing", daemon=True)
        self._threads.add(thread)
        thread.start()

    def close(self) -> None:
        """End every process, and remove what is not complete."""
        with self._changed:
            self._is_closed = True
            self._waiting.clear()
            self._changed.notify_all()
            children, threads = list(self._children), list(self._threads)
        for child in children:
            child.end()
        for thread in threads:
            thread.join()
        self._quarters.leave()

    # -- threads, each with another Blender

    def _work(self) -> None:
        """Carry out one commission after the other. Runs in a thread of its own."""
        assistant = Assistant(self._start, self._let_go, self._places, self._patience_s)
        try:
            assistant.get_ready()
            while (writing := self._next()) is not None:
                if writing.take():
                    writing.end(self._outcome(writing.commission, assistant))
        finally:
            assistant.close()

    def _next(self) -> Writing | None:
        """Wait for a commission; ``None``: there was none for a while, and others are there should one come."""
        with self._changed:
            while not self._is_closed:
                self._idle += 1
                self._changed.wait_for(lambda: self._waiting or self._is_closed, _IDLE_S)
                self._idle -= 1
                if self._waiting:
                    return self._waiting.popleft()
                if not self._is_closed and len(self._threads) > 1:
                    self._threads.discard(threading.current_thread())
                    return None
            return None

    def _outcome(self, commission: Commission, assistant: Assistant) -> Written | Exception:
        token = uuid.uuid4().hex
        try:
            return self._written(commission, assistant, token)
        except (ScenarioError, NobodyThere) as error:
            return error
        except Exception as error:  # the border of a thread: whoever waits must hear of it
            log.debug("the other Blender broke", exc_info=True)
            return NobodyThere(str(error))
        finally:
            clear(commission, token)

    def _written(self, commission: Commission, assistant: Assistant, token: str) -> Written:
        """Have a commission carried out, by the first engine that works where a picture is wanted.

        :raises ImportFailed: the mesh cannot be read.
        :raises DiskError: a file cannot be written.
        :raises NobodyThere: no other Blender can do it.
        :raises OSError: the same.
        """
        written, problem = Written(), ""
        for engine in self._engines:
            answers, child = assistant.ask(commission, engine=engine, token=token)
            if "blend" in answers:
                written = replace(
                    written, blend=Path(answers["blend"]), flaws=tuple(answers["flaws"]), cleaned=answers["cleaned"]
                )
                commission = replace(commission, blend=None)
            if "preview" in answers:
                return replace(written, preview=Path(answers["preview"]))
            if commission.preview is None and written.blend is not None:
                return written
            problem = self._problem(commission, answers, child, is_written=written.blend is not None)
            has_crashed = "rendering" in answers and "failed" not in answers and not child.was_ended
            if "no_engine" not in answers and not (has_crashed and engine != ENGINES[0]):
                break
        return replace(written, problem=problem)

    def _problem(self, commission: Commission, answers: dict[str, Any], child: Child, *, is_written: bool) -> str:
        """Say why there is no picture.

        :param is_written: whether there is a .blend.
        :raises ScenarioError: there is nothing, and that is the mesh's or the disk's fault.
        :raises NobodyThere: there is nothing, and that is nobody's fault.
        """
        mesh = commission.mesh
        if self._is_closed:
            raise NobodyThere("it was ended")
        error: Exception | None = None
        if "unreadable" in answers:
            error = ImportFailed(answers["unreadable"], path=mesh)
        elif "disk" in answers:
            error = DiskError(answers["disk"])
        elif "no_engine" in answers:
            return no_picture(mesh, "this Blender has nothing that could render it")
        elif "begun" not in answers:
            error = NobodyThere(f"it does not start: {child.last_words()}")
        elif "rendering" in answers:
            reason = answers.get("failed") or "the Blender that rendered it crashed or was ended"
            return no_picture(mesh, reason)
        elif "exhausted" in answers or child.ran_out_of_memory:
            error = ImportFailed(too_large(mesh, child.limit_bytes), path=mesh)
        elif "failed" in answers:
            error = NobodyThere(answers["failed"])
        else:
            error = ImportFailed(broken_off(mesh, child), path=mesh)
        if is_written:
            return no_picture(mesh, error.user_message if isinstance(error, ScenarioError) else str(error))
        raise error

    def _start(self) -> Child:
        """Start another Blender.

        :raises OSError: it cannot be started.
        """
        with self._changed:
            if self._is_closed:
                raise OSError("it is closed")
            child = Child.start(self._command, self._quarters.path(".txt"))
            self._children.add(child)
            return child

    def _let_go(self, child: Child) -> None:
        child.close()
        with self._changed:
            self._children.discard(child)
