# SPDX-License-Identifier: GPL-3.0-or-later
"""What requests cost: asked for by dry runs in the background, a moment after the last change. Main thread only."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ..engine.errors import ScenarioError
from .errands import Errands

if TYPE_CHECKING:
    from ..engine.client import ScenarioClient
    from ..engine.values import ModelId

__all__ = ["Price", "Prices"]

_DELAY_S: Final = 0.6
"""After the last change of a setting."""
_RETRY_S: Final = 30.0
"""After an error."""


@dataclass(frozen=True)
class Price:
    """What the service says that something costs."""

    cost_cu: Decimal | None
    """``None`` when it does not say."""
    error: str | None = None
    """Why it could not be asked."""
    known_at_s: float = 0.0
    """Monotonic."""


@dataclass(frozen=True)
class _Wish:
    key: str
    model_id: ModelId
    body: Mapping[str, Any]
    due_s: float


class Prices:
    """Known prices by request, and the one that is wanted next."""

    def __init__(self, errands: Errands) -> None:
        self._errands = errands
        self._known: dict[str, Price] = {}
        self._wish: _Wish | None = None
        self._asked_key: str | None = None

    def look_up(self, model_id: ModelId, body: Mapping[str, Any]) -> Price | None:
        """What a request costs, if that is known by now; otherwise it is wanted from now on. Cheap."""
        key = json.dumps([model_id, body], sort_keys=True, default=str)
        price = self._known.get(key)
        is_stale = price is not None and price.error and time.monotonic() - price.known_at_s > _RETRY_S
        is_asked = self._errands.is_out("price") and self._asked_key == key
        is_wished = self._wish is not None and self._wish.key == key
        if (price is None or is_stale) and not is_asked and not is_wished:
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

        def done(result: Decimal | ScenarioError | None) -> None:
            failed = isinstance(result, ScenarioError)
            cost_cu, error = (None, result.user_message) if failed else (result, None)
            self._known[wish.key] = Price(cost_cu, error, time.monotonic())

        self._errands.run("price", lambda: client.quote(wish.model_id, wish.body), done)
