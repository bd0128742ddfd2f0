# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of objects that were taken of late, and those that are being taken. Main thread only.

Whatever they were taken of may change at any time: each set has a key that says what it shows, and is out of date once
something of it has changed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ...engine.errors import ScenarioError
from .capture import Capture
from .setup import Setup
from .studio import Sitting, Studio
from .subject import Subject
from .updates import ANYTHING

__all__ = ["Shots"]

log = logging.getLogger(__name__)

_KEPT: Final = 4
"""Sets of pictures: several models may want the same objects each in a way of its own."""

Follow = Callable[[Capture | ScenarioError], None]
"""What is to be done with the outcome."""


@dataclass
class _Session:
    key: Hashable
    sitting: Sitting
    follow: list[Follow] = field(default_factory=list[Follow])
    is_outdated: bool = False
    """Whether something has changed since it began."""


@dataclass
class _Taken:
    key: Hashable
    capture: Capture
    is_outdated: bool = False


class Shots:
    """:param studio: what takes the pictures."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._sessions: list[_Session] = []
        self._latest: dict[Hashable, _Taken] = {}
        """The last of each key, the oldest first."""
        self._problem: tuple[Hashable, str] | None = None

    @property
    def is_busy(self) -> bool:
        return bool(self._sessions)

    @property
    def is_watching(self) -> bool:
        """Whether it matters what changes."""
        return any(not one.is_outdated for one in self._watched)

    @property
    def _watched(self) -> list[_Taken | _Session]:
        return [*self._sessions, *self._latest.values()]

    def latest(self, key: Hashable) -> Capture | None:
        """Give what was taken with this key, out of date or not, as long as its files are there."""
        known = self._latest.get(key)
        if known is None or not all(path.is_file() for path in known.capture.pictures.values()):
            return None
        return known.capture

    def fresh(self, key: Hashable) -> Capture | None:
        """Give what was taken with this key, if it shows what is there now."""
        return self.latest(key) if key in self._latest and not self._latest[key].is_outdated else None

    def problem(self, key: Hashable) -> str | None:
        """Why there are no pictures: a sentence; ``None`` before they were tried."""
        return self._problem[1] if self._problem and self._problem[0] == key else None

    def sitting(self, key: Hashable) -> Sitting | None:
        """Give what is under way with this key."""
        found = self._session(key)
        return found.sitting if found else None

    def is_followed(self, key: Hashable) -> bool:
        """Whether something will be done with the pictures that are being taken with this key."""
        found = self._session(key)
        return found is not None and bool(found.follow)

    def begin(
        self, key: Hashable, subject: Subject, setup: Setup, *, pictures: Path, follow: Follow | None = None
    ) -> None:
        """Have pictures taken, unless they are being taken already.

        :param pictures: the folder where they are kept.
        :param follow: is called with the outcome by :meth:`collect`.
        :raises DiskError: a copy of the subject cannot be written.
        """
        session = self._session(key)
        if session is None:
            self._problem = None
            session = _Session(key, self._studio.begin(subject, setup, pictures=pictures))
            self._sessions.append(session)
        if follow is not None:
            session.follow.append(follow)

    def take(self, key: Hashable, subject: Subject, setup: Setup, *, pictures: Path) -> Capture:
        """Take pictures and wait for them.

        :raises PictureError: there are none; the sentence says why.
        :raises DiskError: something cannot be written.
        """
        capture = self._studio.take(subject, setup, pictures=pictures)
        self._keep(_Taken(key, capture))
        return capture

    def collect(self) -> bool:
        """Take notice of what is over, and do what follows; says whether there was any."""
        over = [session for session in self._sessions if session.sitting.is_over]
        for session in over:
            self._sessions.remove(session)
            outcome = session.sitting.outcome
            assert outcome is not None
            if isinstance(outcome, Capture):
                self._keep(_Taken(session.key, outcome, session.is_outdated))
            else:
                self._problem = (session.key, outcome.user_message)
            for follow in session.follow:
                follow(outcome)
        return bool(over)

    def cancel(self) -> None:
        """End all that are being taken, and what would follow. Returns at once."""
        for session in self._sessions:
            session.sitting.cancel()

    def note_changes(self, changed: Set[str]) -> None:
        """Note that something looks another way now.

        :param changed: as :func:`.updates.changed` gives it.
        """
        for one in [one for one in self._watched if not one.is_outdated]:
            names = one.capture.names if isinstance(one, _Taken) else one.sitting.names
            one.is_outdated = ANYTHING in changed or not changed.isdisjoint(names)

    def close(self) -> None:
        """Cancel everything, and remove every file in use."""
        self._sessions.clear()
        self._latest.clear()
        self._problem = None
        self._studio.close()

    def _keep(self, taken: _Taken) -> None:
        self._latest.pop(taken.key, None)
        self._latest[taken.key] = taken
        if len(self._latest) > _KEPT:
            del self._latest[next(iter(self._latest))]

    def _session(self, key: Hashable) -> _Session | None:
        return next((one for one in self._sessions if one.key == key and not one.is_outdated), None)
