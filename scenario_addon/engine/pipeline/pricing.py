# SPDX-License-Identifier: GPL-3.0-or-later
"""What an order costs: asked of the service by a dry run, which starts nothing and charges nothing."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from ..api.client import ScenarioClient, placeholders
from ..api.upload import upload
from ..cut_out import CUT_OUT_MODEL, cut_out_body
from ..errors import Forbidden, NotFound, Rejected
from ..ledger.ledger import Ledger
from ..values import PLACEHOLDER, Activity, AssetId, Order, SourceImage

__all__ = [
    "Prices",
    "cut_out_price",
    "cut_outs_to_pay",
    "needs_pictures",
    "price_of",
    "quote_with_pictures",
    "send_pictures",
]


PRICE_AGE_S: Final = 120.0
"""For so long a price holds; then it is asked for anew before anything is ordered."""


class Prices:
    """What requests cost, asked for once as long as that holds, however many jobs ask for the like. Any thread.

    Where the service wants to see the pictures first, or does not say, each job asks for itself.

    :param now: seconds since the epoch.
    :param hold_s: how long a price is shared, by a clock of the runner; ``None``: as long as it holds. Where a limit
        has to be kept to, a price that rises has to be noticed soon.
    """

    def __init__(
        self,
        now: Callable[[], float] = time.time,
        *,
        hold_s: float | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now, self._hold_s, self._monotonic = now, hold_s, monotonic
        self._lock = threading.Lock()
        self._known: dict[str, tuple[Decimal, float, float]] = {}
        """Each price, and when it was asked for by both clocks."""
        self._individual: set[str] = set()
        """Requests whose price depends on what the pictures show, for all that is known."""
        self._asking: dict[str, threading.Lock] = {}
        self._expired_at = -math.inf

    def price(self, order: Order, ask: Callable[[], Decimal | None]) -> tuple[Decimal | None, float]:
        """What an order costs, ``None`` when the service does not say, and when that was asked. May block.

        :param ask: asks for it; what it raises is raised.
        """
        return self.price_of(order.price_key, ask)

    def price_of(self, key: str, ask: Callable[[], Decimal | None]) -> tuple[Decimal | None, float]:
        """The same, of what the key tells from everything else."""
        with self._lock:
            asking = self._asking.setdefault(key, threading.Lock())
        with asking:  # one asks, the others wait for the answer
            if (known := self._known.get(key)) is not None and key not in self._individual and self._holds(*known[1:]):
                return known[:2]
            try:
                cost_cu, now = ask(), self._now()
            except Rejected as error:
                if needs_pictures(error):
                    self._individual.add(key)
                raise
            if cost_cu is not None:
                self._known[key] = cost_cu, now, self._monotonic()
            return cost_cu, now

    def _holds(self, asked_at: float, asked_at_s: float) -> bool:
        if abs(self._now() - asked_at) > PRICE_AGE_S:
            return False
        return self._hold_s is None or self._monotonic() - asked_at_s <= self._hold_s

    def expire(self) -> None:
        """Ask for every price anew, because the service has said no, or nothing at all: that also shows it is back."""
        self._expired_at = self._now()
        self._known.clear()

    def has_expired(self, quoted_at: float) -> bool:
        """Whether a price was asked for before the service last said no."""
        return quoted_at <= self._expired_at


def price_of(order: Order, client: ScenarioClient, *, assets: Mapping[str, AssetId] | None = None) -> Decimal | None:
    """Ask for a price in Compute Units; ``None`` when the service does not say. Worker thread.

    What it costs to cut pictures out is not in it, see :func:`cut_out_price`.

    :param assets: the service's files, by :attr:`SourceImage.asset_key`; ``None``: stand-ins do.
    :raises Rejected: it may want to see the pictures first, see :func:`needs_pictures`.
    """
    if assets is None:
        return client.quote(order.model_id, order.body(placeholders(order.files())))
    as_they_are = {i.asset_key: assets[i.sha256] for i in order.to_cut_out(assets)}
    return client.quote(order.model_id, order.body({**assets, **as_they_are}))


def cut_out_price(client: ScenarioClient, *, image: AssetId = PLACEHOLDER) -> Decimal | None:
    """Ask what it costs to have one picture cut out, in Compute Units; ``None`` when the service does not say.

    Worker thread.

    :param image: the uploaded picture, where a stand-in does not do.
    :raises Rejected: it may want to see the picture first, see :func:`needs_pictures`.
    """
    try:
        return client.quote(CUT_OUT_MODEL, cut_out_body(image))
    except (Forbidden, NotFound, Rejected) as error:
        told = f"The service cannot cut pictures out: {error.user_message}"
        raise type(error)(told, status=error.status, trace_id=error.trace_id) from error


_NOTHING: Final[Mapping[str, AssetId]] = {}


def cut_outs_to_pay(
    order: Order, ledger: Ledger, *, scope: str, assets: Mapping[str, AssetId] = _NOTHING
) -> tuple[SourceImage, ...]:
    """The pictures of an order whose cut-out has yet to be paid for: those that nobody has ordered. Looks at the disk.

    :param assets: what the service has of the order, by :attr:`SourceImage.asset_key`.
    """
    to_cut_out = order.to_cut_out(assets)
    return tuple(image for image in to_cut_out if not ledger.cut_outs.is_ordered(scope, image.sha256))


def quote_with_pictures(
    order: Order, *, client: ScenarioClient, ledger: Ledger, scope: str, wait: Callable[[float], None] = time.sleep
) -> Decimal | None:
    """Ask for a price with the files themselves: those that the service does not have are uploaded.

    As :func:`price_of`, without what it costs to cut pictures out.
    """
    assets = send_pictures(order, client=client, ledger=ledger, scope=scope, progress=lambda _: None, wait=wait)
    return price_of(order, client, assets=assets)


def needs_pictures(error: Rejected) -> bool:
    """Whether a refused dry run may mean that the service wants to see the files first."""
    return error.status in (400, 422)


def send_pictures(
    order: Order,
    *,
    client: ScenarioClient,
    ledger: Ledger,
    scope: str,
    progress: Callable[[Activity], None],
    wait: Callable[[float], None],
    afresh: bool = False,
) -> dict[str, AssetId]:
    """Upload the files that the service does not have yet; gives each one's id by its sha256. Worker thread.

    Of a picture that was cut out before that file does, by its key.

    :param afresh: upload the pictures that it has as well, or else, where there are none, the mesh.
    :raises PictureError, MeshError: a file is gone or has changed.
    """
    assets: dict[str, AssetId] = {}
    for file in order.files():
        if file.sha256 in assets or file.asset_key in assets:
            continue
        is_picture = isinstance(file, SourceImage)
        if is_picture and file.is_to_be_cut_out and (known := ledger.cut_outs.asset(scope, file.sha256)) is not None:
            assets[file.asset_key] = known
            continue
        with ledger.sending.one((scope, file.sha256)):
            is_anew = afresh and (is_picture or not order.pictures)
            asset_id = None if is_anew else ledger.asset(scope, file.sha256)
            if asset_id is None:
                asset_id = upload(client, file, progress=progress, wait=wait)
                ledger.remember_asset(scope, file.sha256, asset_id)
        assets[file.sha256] = asset_id
    return assets
