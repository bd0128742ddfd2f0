# SPDX-License-Identifier: GPL-3.0-or-later
"""What requests cost: asked for by dry runs in the background, a moment after the last change. Main thread only."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ...engine.errors import Rejected, ScenarioError
from .tasks import Tasks

if TYPE_CHECKING:
    from ...engine.api.client import ScenarioClient
    from ...engine.values import ModelId

__all__ = ["Price", "Prices"]

_DELAY_S: Final = 0.6
"""After the last change of a setting."""
_RETRY_S: Final = 30.0
"""After an error."""
_MOST_KNOWN: Final = 500
"""Then the oldest are forgotten."""


@dataclass(frozen=True)
class Price:
    """What the service says that something costs."""

    cost_cu: Decimal | None
    """``None`` when it does not say."""
    error: str | None = None
    """Why it could not be asked."""
    known_at_s: float = 0.0
    """Monotonic."""
    wants_pictures: bool = False
    """Whether the service may name it once it has seen the pictures."""


@dataclass(frozen=True)
class _Wish:
    key: str
    model_id: ModelId
    body: Mapping[str, Any]
    due_s: float


class Prices:
    """Known prices by request, and the one that is wanted next."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks
        self._known: dict[str, Price] = {}
        self._wish: _Wish | None = None
        self._asked_key: str | None = None
        self._unseen_key: str | None = None
        """Of the request that was looked up last, if the service may name its price once it has seen the pictures."""

    def look_up(self, model_id: ModelId, body: Mapping[str, Any], *, pictures: str = "") -> Price | None:
        """Look up what a request costs; what is not known yet is wanted from now on. Cheap.

        :param pictures: tells apart what would be sent.
        """
        key = _key(model_id, body)
        price = self._known.get(key)
        self._unseen_key = None
        if price is not None and price.wants_pictures:
            seen = self._known.get(key + pictures)
            self._unseen_key = None if seen and not _is_stale(seen) else key + pictures
            return seen or price
        is_asked = self._tasks.is_running("price") and self._asked_key == key
        is_wished = self._wish is not None and self._wish.key == key
        if (price is None or _is_stale(price)) and not is_asked and not is_wished:
            self._wish = _Wish(key, model_id, body, time.monotonic() + _DELAY_S)
        return price

    @property
    def is_wanted(self) -> bool:
        """Whether a price waits to be asked for."""
        return self._wish is not None

    def ask(self, client: ScenarioClient) -> None:
        """Send for the price that was wanted last, when it is time. Does not block."""
        wish = self._wish
        if wish is None or time.monotonic() < wish.due_s:
            return
        self._wish, self._asked_key = None, wish.key

        self._tasks.run(
            "price",
            lambda: client.quote(wish.model_id, wish.body),
            lambda result: self._note(wish.key, result, may_want_pictures=True),
        )

    @property
    def wants_pictures(self) -> bool:
        """Whether what was looked up last waits for its pictures."""
        return self._unseen_key is not None and not self._tasks.is_running("price")

    def ask_with_pictures(self, work: Callable[[], Decimal | None]) -> None:
        """Have a thread ask for what was looked up last, with the pictures themselves. Does not block."""
        if (key := self._unseen_key) is not None:
            self._unseen_key = None
            self._tasks.run("price", work, lambda result: self._note(key, result, may_want_pictures=False))

    def give_up_pictures(self, error: ScenarioError) -> None:
        """Want no price with pictures any more: they cannot be had."""
        if (key := self._unseen_key) is not None:
            self._unseen_key = None
            self._note(key, error, may_want_pictures=False)

    def _note(self, key: str, result: Decimal | ScenarioError | None, *, may_want_pictures: bool) -> None:
        if not isinstance(result, ScenarioError):
            self._keep(key, Price(result, None, time.monotonic()))
            return
        from ...engine.pipeline.pricing import needs_pictures  # lazy: an error is the exception

        wants = may_want_pictures and isinstance(result, Rejected) and needs_pictures(result)
        self._keep(key, Price(None, result.user_message, time.monotonic(), wants))

    def _keep(self, key: str, price: Price) -> None:
        self._known.pop(key, None)
        self._known[key] = price
        if len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]


def _is_stale(price: Price) -> bool:
    return price.error is not None and time.monotonic() - price.known_at_s > _RETRY_S


def _key(model_id: ModelId, body: Mapping[str, Any]) -> str:
    return json.dumps([model_id, body], sort_keys=True, default=str)
