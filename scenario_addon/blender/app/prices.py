# SPDX-License-Identifier: GPL-3.0-or-later
"""What requests cost: asked for by dry runs in the background, a moment after the last change. Main thread only."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from ...engine.errors import Rejected, ScenarioError
from .tasks import Tasks

if TYPE_CHECKING:
    from ...engine.api.client import ScenarioClient
    from ...engine.values import ModelId

__all__ = ["Price", "Priced", "Prices"]

_DELAY_S: Final = 0.6
"""After the last change of a setting."""
_RETRY_S: Final = 30.0
"""After an error."""
_FORM: Final = "form"
"""What the prices of the tab are about."""
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
class Priced:
    """A request that has a price."""

    model_id: ModelId
    body: Mapping[str, Any]
    pictures: str = ""
    """Tells apart what would be sent."""
    may_be_seen: bool = True
    """Whether the service can be shown what is sent before it is ordered."""

    @cached_property
    def key(self) -> str:
        """Names it, whatever its pictures show."""
        text = json.dumps([self.model_id, self.body], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def seen_key(self) -> str:
        """Names it with its pictures."""
        return f"{self.key} {self.pictures}"


class Prices:
    """Known prices by request, and those that are wanted next."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks
        self._known: dict[str, Price] = {}
        self._wanted: dict[str, dict[str, tuple[Priced, float]]] = {}
        """By what looks them up, and by its key, each request that waits to be asked for; until when, monotonic."""
        self._unseen: set[str] = set()
        """Of those that were looked up last, the ones whose price the service may name once it has their pictures."""

    def look_up(self, *requests: Priced, about: str = _FORM) -> list[Price | None]:
        """Look up what requests cost; what is not known yet is wanted from now on, and nothing else. Cheap.

        :param about: what looks them up: what others want beside it is wanted still.
        """
        missing = [request for request in requests if self._is_missing(request)]
        if missing:
            due_s, before = time.monotonic() + _DELAY_S, self._wanted.get(about, {})
            self._wanted[about] = {one.key: before.get(one.key, (one, due_s)) for one in missing}
        if about == _FORM:
            self._unseen = {request.seen_key for request in requests if self._lacks_pictures(request)}
        return [self._price(request) for request in requests]

    @property
    def is_wanted(self) -> bool:
        """Whether a price waits to be asked for."""
        return any(self._wanted.values())

    def ask(self, client: ScenarioClient) -> None:
        """Send for the prices that were wanted last, each once, when it is time. Does not block."""
        now_s = time.monotonic()
        for wanted in self._wanted.values():
            for request, due_s in list(wanted.values()):
                if due_s <= now_s:
                    del wanted[request.key]
                    if self._is_missing(request):  # the same may be wanted twice
                        self._ask(request, client)

    def ask_now(self, client: ScenarioClient, *requests: Priced) -> list[Price]:
        """Get prices, those that are known and the others from the service, all at once. Blocks, for scripts."""
        for request in requests:
            if self._is_missing(request):
                self._ask(request, client)
        for request in requests:
            self._tasks.wait(_task(request.key))
        return [price for request in requests if (price := self._price(request))]

    @property
    def wants_pictures(self) -> bool:
        """Whether anything that was looked up last waits for its pictures."""
        return bool(self._unseen)

    def waits_for_pictures(self, request: Priced) -> bool:
        """Whether this does."""
        return request.seen_key in self._unseen

    def ask_with_pictures(self, request: Priced, work: Callable[[], Decimal | None]) -> None:
        """Have a thread ask for what waits for its pictures, with the pictures themselves. Does not block."""
        key = request.seen_key
        self._unseen.discard(key)
        self._tasks.run(_task(key), work, lambda result: self._note(key, result, may_want_pictures=False))

    def give_up_pictures(self, request: Priced, error: ScenarioError) -> None:
        """Want no price with pictures any more: they cannot be had."""
        self._unseen.discard(request.seen_key)
        self._note(request.seen_key, error, may_want_pictures=False)

    def _ask(self, request: Priced, client: ScenarioClient) -> None:
        self._tasks.run(
            _task(request.key),
            lambda: client.quote(request.model_id, request.body),
            lambda result: self._note(request.key, result, may_want_pictures=True),
        )

    def _is_missing(self, request: Priced) -> bool:
        price = self._known.get(request.key)
        return (price is None or _is_stale(price)) and not self._tasks.is_running(_task(request.key))

    def _lacks_pictures(self, request: Priced) -> bool:
        price, seen = self._known.get(request.key), self._known.get(request.seen_key)
        wants = price is not None and price.wants_pictures and request.may_be_seen and (seen is None or _is_stale(seen))
        return wants and not self._tasks.is_running(_task(request.seen_key))

    def _price(self, request: Priced) -> Price | None:
        price = self._known.get(request.key)
        if price is not None and price.wants_pictures:
            return self._known.get(request.seen_key, price)
        return price

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
    is_error = price.error is not None and not price.wants_pictures
    return is_error and time.monotonic() - price.known_at_s > _RETRY_S


def _task(key: str) -> str:
    return f"price {key}"
