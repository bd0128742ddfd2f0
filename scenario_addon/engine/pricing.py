# SPDX-License-Identifier: GPL-3.0-or-later
"""What an order costs: asked of the service by a dry run, which starts nothing and charges nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from decimal import Decimal

from .client import ScenarioClient, placeholders
from .errors import Rejected
from .store import Store
from .upload import upload
from .values import Activity, AssetId, Order

__all__ = ["needs_pictures", "quote", "quote_with_pictures", "send_pictures"]


def quote(
    order: Order,
    *,
    client: ScenarioClient,
    store: Store,
    scope: str,
    progress: Callable[[Activity], None] = lambda activity: None,
    wait: Callable[[float], None] = time.sleep,
) -> Decimal | None:
    """The price in compute units; ``None`` when the service does not say. Worker thread.

    Asked with stand-ins for the pictures; where the service wants to see them first they are uploaded, which is free.
    """
    try:
        return client.quote(order.model_id, order.body(placeholders(order.images())))
    except Rejected as error:
        if not (needs_pictures(error) and order.pictures):
            raise
    return quote_with_pictures(order, client=client, store=store, scope=scope, progress=progress, wait=wait)


def quote_with_pictures(
    order: Order,
    *,
    client: ScenarioClient,
    store: Store,
    scope: str,
    progress: Callable[[Activity], None] = lambda activity: None,
    wait: Callable[[float], None] = time.sleep,
) -> Decimal | None:
    """The same, with the pictures themselves from the start: those that the service does not have are uploaded."""
    known = {image.sha256: store.asset(scope, image.sha256) for image in order.images()}
    assets = send_pictures(order, client=client, store=store, scope=scope, known=known, progress=progress, wait=wait)
    return client.quote(order.model_id, order.body(assets))


def needs_pictures(error: Rejected) -> bool:
    """Whether a refused dry run may mean that the service wants to see the pictures first."""
    return error.status in (400, 422)


def send_pictures(
    order: Order,
    *,
    client: ScenarioClient,
    store: Store,
    scope: str,
    known: Mapping[str, AssetId | None],
    progress: Callable[[Activity], None],
    wait: Callable[[float], None],
) -> dict[str, AssetId]:
    """Upload the pictures that the service does not have yet; gives each one's id by its sha256. Worker thread.

    :param known: the ids of those that it has.
    :raises PictureError: a picture is gone or has changed.
    """
    assets: dict[str, AssetId] = {}
    for image in order.images():
        asset_id = known.get(image.sha256) or assets.get(image.sha256)
        if asset_id is None:
            asset_id = upload(client, image, progress=progress, wait=wait)
            store.remember_asset(scope, image.sha256, asset_id)
        assets[image.sha256] = asset_id
    return assets
