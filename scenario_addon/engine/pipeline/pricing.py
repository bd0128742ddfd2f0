# SPDX-License-Identifier: GPL-3.0-or-later
"""What an order costs: asked of the service by a dry run, which starts nothing and charges nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from decimal import Decimal

from ..api.client import ScenarioClient, placeholders
from ..api.upload import upload
from ..errors import Rejected
from ..ledger.ledger import Ledger
from ..values import Activity, AssetId, Order

__all__ = ["needs_pictures", "price_of", "quote", "quote_with_pictures", "send_pictures"]


def price_of(order: Order, client: ScenarioClient, *, assets: Mapping[str, AssetId] | None = None) -> Decimal | None:
    """Ask for a price in creative units; ``None`` when the service does not say. Worker thread.

    :param assets: the ids of the pictures by their sha256; ``None``: stand-ins do.
    :raises Rejected: it may want to see the pictures first, see :func:`needs_pictures`.
    """
    return client.quote(order.model_id, order.body(placeholders(order.images()) if assets is None else assets))


def quote(
    order: Order, *, client: ScenarioClient, ledger: Ledger, scope: str, wait: Callable[[float], None] = time.sleep
) -> Decimal | None:
    """Ask for a price with stand-ins for the pictures; where that does not do they are uploaded, which is free."""
    try:
        return price_of(order, client)
    except Rejected as error:
        if not (needs_pictures(error) and order.pictures):
            raise
    return quote_with_pictures(order, client=client, ledger=ledger, scope=scope, wait=wait)


def quote_with_pictures(
    order: Order, *, client: ScenarioClient, ledger: Ledger, scope: str, wait: Callable[[float], None] = time.sleep
) -> Decimal | None:
    """Ask for a price with the pictures themselves: those that the service does not have are uploaded."""
    assets = send_pictures(order, client=client, ledger=ledger, scope=scope, progress=lambda _: None, wait=wait)
    return price_of(order, client, assets=assets)


def needs_pictures(error: Rejected) -> bool:
    """Whether a refused dry run may mean that the service wants to see the pictures first."""
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
    """Upload the pictures that the service does not have yet; gives each one's id by its sha256. Worker thread.

    :param afresh: upload those that it has as well.
    :raises PictureError: a picture is gone or has changed.
    """
    assets: dict[str, AssetId] = {}
    for image in order.images():
        if image.sha256 in assets:
            continue
        with ledger.sending.one((scope, image.sha256)):
            asset_id = None if afresh else ledger.asset(scope, image.sha256)
            if asset_id is None:
                asset_id = upload(client, image, progress=progress, wait=wait)
                ledger.remember_asset(scope, image.sha256, asset_id)
        assets[image.sha256] = asset_id
    return assets
