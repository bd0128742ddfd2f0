# SPDX-License-Identifier: GPL-3.0-or-later
"""What a batch will cost, before anything of it is ordered: one dry run for each different request."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal

from ..cut_out import CUT_OUT_MODEL
from ..errors import Rejected
from ..models.seeds import unseeded
from ..pipeline.connection import Connection
from ..pipeline.pricing import (
    Prices,
    cut_out_price,
    cut_outs_to_pay,
    needs_pictures,
    price_of,
    send_pictures,
)
from ..text import amount
from ..values import AssetId, Order
from .earlier import Standing, find_earlier, standing
from .item import Item

__all__ = ["Estimate", "item_prices", "pictures_for_prices"]


@dataclass(slots=True)
class Estimate:
    """What the items cost that have yet to be ordered."""

    items: int = 0
    to_order: int = 0
    cost_cu: Decimal | None = Decimal(0)
    """``None`` when the service does not say it of all."""

    def add(self, cost_cu: Decimal | None) -> None:
        """Count one more item, which is 0 where it is paid for already."""
        self.items += 1
        self.to_order += cost_cu != 0
        self.cost_cu = None if cost_cu is None or self.cost_cu is None else self.cost_cu + cost_cu

    def told(self, limit_cu: Decimal | None) -> str:
        """Say it in a sentence.

        :param limit_cu: what may be spent.
        """
        what = f"{self.to_order:,} of {self.items:,} items are ordered"
        if self.cost_cu is None:
            return f"{what}; the service does not say of all of them what they cost."
        if limit_cu is not None and self.cost_cu > limit_cu:
            return f"{what}, for {amount(self.cost_cu)}; {amount(limit_cu)} may be spent, and what is above is left."
        return f"{what}, for {amount(self.cost_cu)}."


def item_prices(connection: Connection, items: Iterable[Item], *, again: bool) -> Iterator[tuple[Item, Decimal | None]]:
    """What each item costs; nothing, where it is made already or an item before it asks for the same.

    :raises ScenarioError: a price could not be asked.
    """
    prices, seen = connection.prices or Prices(), dict[str, Decimal | None]()
    cut_out = set[str]()
    with closing(_Asked()) as asked:
        for item in items:
            if item.error is not None:
                continue
            is_first = asked.note(item.order)
            if not again and (not is_first or _is_paid(connection, item.order)):
                yield item, Decimal(0)
                continue
            mesh_cu = _price(connection, prices, item.order, seen)
            cut_outs_cu = _cut_outs_price(connection, prices, item.order, cut_out)
            yield item, None if mesh_cu is None or cut_outs_cu is None else mesh_cu + cut_outs_cu


class _Asked:
    """The orders that came before, kept on disk: there may be very many. For one thread."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)  # a file of nobody else's
        self._db.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
            "CREATE TABLE asked (identity BLOB PRIMARY KEY) WITHOUT ROWID; BEGIN"
        )

    def note(self, order: Order) -> bool:
        """Keep an order; says whether it is the first of its kind."""
        identity = bytes.fromhex(order.identity)
        return self._db.execute("INSERT OR IGNORE INTO asked VALUES (?)", (identity,)).rowcount > 0

    def close(self) -> None:
        self._db.close()


def pictures_for_prices(connection: Connection, *, again: bool) -> Callable[[Order], bool]:
    """Give what says whether it takes an order's pictures, which are not there yet, to know what it will cost.

    Either it may be paid for already, which only its pictures tell, or the service wants to see them.

    :return: raises :class:`ScenarioError` when the service could not be asked.
    """
    jobs = () if again else connection.ledger.jobs(scope=connection.scope)
    known = {_likeness(job.order) for job in jobs}
    prices = connection.prices or Prices()

    def are_needed(order: Order) -> bool:
        if _likeness(order) in known:
            return True
        try:
            _asked_price(connection, prices, order)
        except Rejected as error:
            if not needs_pictures(error):
                raise
            return True
        return False

    return are_needed


def _likeness(order: Order) -> tuple[str, str]:
    """Name what can be told of an order without its pictures, nor the seed that may come of them."""
    order = unseeded(order)
    return order.name, order.price_key


def _is_paid(connection: Connection, order: Order) -> bool:
    earlier = find_earlier(connection.ledger, order, scope=connection.scope)
    return any(standing(job) is not Standing.WAITING for job in earlier)


def _cut_outs_price(connection: Connection, prices: Prices, order: Order, known: set[str]) -> Decimal | None:
    """What it costs to cut out an order's pictures, each of which is paid for once.

    :param known: those that an order before it pays for, by their sha256; this one's are added.
    """
    to_pay = cut_outs_to_pay(order, connection.ledger, scope=connection.scope)
    pictures = [image.sha256 for image in to_pay if image.sha256 not in known]
    if not pictures:
        return Decimal(0)
    known.update(pictures)
    client = connection.client
    try:
        each_cu = prices.price_of(CUT_OUT_MODEL, lambda: cut_out_price(client))[0]
    except Rejected as error:
        if not needs_pictures(error):
            raise
        assets = _sent(connection, order)
        each_cu = cut_out_price(client, image=assets[pictures[0]])
    return None if each_cu is None else each_cu * len(pictures)


def _price(connection: Connection, prices: Prices, order: Order, seen: dict[str, Decimal | None]) -> Decimal | None:
    """Ask with stand-ins for the pictures; where that does not do the first one's are uploaded, which is free.

    :param seen: prices that were asked with pictures; those of the like are about the same.
    """
    if order.price_key in seen:
        return seen[order.price_key]
    try:
        return _asked_price(connection, prices, order)
    except Rejected as error:
        if not (needs_pictures(error) and order.files()):
            raise
    seen[order.price_key] = price_of(order, connection.client, assets=_sent(connection, order))
    return seen[order.price_key]


def _sent(connection: Connection, order: Order) -> dict[str, AssetId]:
    return send_pictures(
        order,
        client=connection.client,
        ledger=connection.ledger,
        scope=connection.scope,
        progress=lambda _: None,
        wait=connection.clock.sleep,
    )


def _asked_price(connection: Connection, prices: Prices, order: Order) -> Decimal | None:
    """Ask with stand-ins for the pictures."""
    return prices.price(order, lambda: price_of(order, connection.client))[0]
