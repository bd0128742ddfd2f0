# SPDX-License-Identifier: GPL-3.0-or-later
"""How a job stands at the service."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ..values import AssetId

__all__ = ["RemoteStatus"]

_SUCCESS: Final = frozenset({"success", "succeeded", "completed"})
_FAILURE: Final = frozenset({"failure", "failed", "error", "canceled", "cancelled"})
"""The union of what the service's documents, its SDK and its own add-ons call the end. Other words mean: not yet."""


@dataclass(frozen=True, slots=True)
class RemoteStatus:
    """What the service says of a running job."""

    word: str
    """The service's own status word."""
    progress: float | None = None
    """0 to 1; ``None`` while the service has not said anything but 0."""
    asset_ids: tuple[AssetId, ...] = ()
    billed_cu: Decimal | None = None
    refundable: bool = True
    """Whether a failed job's credits come back."""
    error: str | None = None
    hint: str | None = None
    updated_at: str | None = None
    """When anything last happened to it, by the service's clock; to be compared only."""

    @property
    def is_done(self) -> bool:
        """Whether it has ended well."""
        return self.word.lower() in _SUCCESS

    @property
    def has_failed(self) -> bool:
        return self.word.lower() in _FAILURE
