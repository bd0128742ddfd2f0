# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service says was made, as a popup needs it: known at once or not at all. Main thread only.

Workers ask, a page at a time, when the list is opened and as it is looked through. Nothing is asked for in drawing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ...engine.errors import ScenarioError
from ...engine.models.thumbnails import Thumbnails
from ..app.config import folder
from ..app.session import session

if TYPE_CHECKING:
    from ...engine.api.client import ScenarioClient
    from ...engine.elsewhere.recent import Made, Recent
    from ...engine.pipeline.connection import Connection

__all__ = ["Listing", "listing"]

_AGE_S: Final = 60.0
"""So long what was said is good enough for the next opening."""
_ASKING: Final = "elsewhere"
_PICTURES: Final = "elsewhere pictures"
_MOST_KEPT: Final = 1000
"""So many pictures stay on disk, some 20 MB."""
_AT_ONCE: Final = 8
"""So many pictures are got before they are shown: what a page has."""


def listing() -> Listing:
    """Give that of the project in use."""
    if session.elsewhere is None:
        session.elsewhere = Listing(Thumbnails(folder() / "elsewhere"))
    return session.elsewhere


class Listing:
    """:param thumbnails: the pictures, on disk."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        self._thumbnails = thumbnails
        self._recent: Recent | None = None
        self._asked_at_s = float("-inf")
        self._pictures: dict[str, Path] = {}
        self._unseen: list[Made] = []
        """Of which no picture was looked for yet."""
        self.made: Sequence[Made] = ()
        """Newest first, as far as it was asked for."""
        self.problem: str | None = None
        """Why nothing more is known, in a sentence."""
        self.revision = 0
        """Goes up when there is something new."""

    @property
    def is_asking(self) -> bool:
        return session.tasks.is_running(_ASKING)

    @property
    def has_more(self) -> bool:
        """Whether the service may know of more."""
        return self._recent is not None and not self._recent.is_through and self.problem is None

    def picture(self, made_id: str) -> Path | None:
        """The picture of a mesh; ``None`` while there is none."""
        return self._pictures.get(made_id)

    def refresh(self) -> None:
        """Ask anew, unless it was asked a moment ago. Does not block.

        :raises ScenarioError: the service cannot be asked.
        """
        if self.is_asking or time.monotonic() - self._asked_at_s < _AGE_S:
            return
        connection = session.online()
        self._asked_at_s = time.monotonic()
        session.tasks.run(_ASKING, partial(_begun, connection), self._take_first)

    def more(self) -> None:
        """Ask for the next page, where there may be one. Does not block."""
        if self._recent is not None and self.has_more and not self.is_asking:
            session.tasks.run(_ASKING, self._recent.more, self._take_more)

    def _take_first(self, result: tuple[Recent, list[Made]] | ScenarioError) -> None:
        if isinstance(result, ScenarioError):
            self._take_more(result)
        else:
            self._recent, found = result
            self.made, self._unseen = (), []
            self._take_more(found)

    def _take_more(self, result: list[Made] | ScenarioError) -> None:
        self.revision += 1
        if isinstance(result, ScenarioError):
            self.problem, self._asked_at_s = result.user_message, float("-inf")
            return
        self.problem = None
        self.made = (*self.made, *(one for one in result if one.state != _failed()))
        self._unseen += [one for one in result if one.picture_urls]
        self._fetch_pictures()

    def _fetch_pictures(self) -> None:
        connection = session.connection
        if not self._unseen or connection is None or session.tasks.is_running(_PICTURES):
            return
        some, self._unseen = self._unseen[:_AT_ONCE], self._unseen[_AT_ONCE:]
        session.tasks.run(_PICTURES, partial(_fetched, self._thumbnails, some, connection.client), self._take_pictures)

    def _take_pictures(self, result: dict[str, Path] | ScenarioError) -> None:
        if not isinstance(result, ScenarioError):
            self._pictures |= result
            self.revision += 1
        self._fetch_pictures()


def _failed() -> str:
    from ...engine.elsewhere.recent import FAILED  # lazy, as all that pydantic is loaded for

    return FAILED


def _begun(connection: Connection) -> tuple[Recent, list[Made]]:
    """Ask for the first page. Worker thread."""
    from ...engine.elsewhere.finding import makes_3d
    from ...engine.elsewhere.recent import Recent

    recent = Recent(connection.client, makes_3d(connection.catalogue).__contains__)
    return recent, recent.more()


def _fetched(thumbnails: Thumbnails, made: Sequence[Made], client: ScenarioClient) -> dict[str, Path]:
    """Get pictures that are not here yet. Worker thread."""
    thumbnails.fetch_each(((one.id, one.picture_urls[0]) for one in made), client)
    thumbnails.prune(_MOST_KEPT)
    paths = {one.id: thumbnails.path(one.id) for one in made}
    return {made_id: path for made_id, path in paths.items() if path is not None}
