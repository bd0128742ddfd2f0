# SPDX-License-Identifier: GPL-3.0-or-later
"""From a picture to a checked mesh on disk, without Blender.

The names below are loaded when they are first used: requests and pydantic cost more time than enabling an add-on may.
"""

from __future__ import annotations

import importlib
from typing import Any, Final

_MADE: Final = {
    "Account": "account.account",
    "Catalogue": "models.catalogue",
    "DEFAULT_MODEL_ID": "models.catalogue",
    "HeldMesh": "values",
    "Ledger": "ledger.ledger",
    "Order": "values",
    "Request": "models.order",
    "Result": "scripting.result",
    "Runner": "pipeline.runner",
    "Scenario": "scripting.scenario",
    "ScenarioClient": "api.client",
    "allow_price": "pipeline.actions",
    "cancel": "pipeline.actions",
    "connect": "pipeline.connection",
    "cut_out_price": "pipeline.pricing",
    "cut_outs_to_pay": "pipeline.pricing",
    "draft": "models.order",
    "examine": "examination.examine",
    "fetch_again": "pipeline.actions",
    "is_under_way": "pipeline.actions",
    "make_order": "models.order",
    "mark_imported": "pipeline.actions",
    "move_in": "ledger.heritage",
    "prepare": "models.picture",
    "quote_with_pictures": "pipeline.pricing",
    "read_account": "account.account",
    "read_spending": "account.spending",
    "restore_backup": "ledger.repair",
    "retry": "pipeline.actions",
    "submit_again": "pipeline.actions",
    "try_other_file": "pipeline.actions",
}
_FORMER: Final = {"Store": "Ledger"}  # what scripts know a name by since earlier versions

_ERRORS: Final = (
    "ApiError",
    "AuthError",
    "BudgetError",
    "ConfigError",
    "CredentialsMissing",
    "DiskError",
    "InputError",
    "LedgerInDoubt",
    "MeshError",
    "NetworkError",
    "NoCredits",
    "OfflineError",
    "ParamError",
    "PictureError",
    "ScenarioError",
    "UnknownModel",
)
_HOMES: Final = {**_MADE, **dict.fromkeys(_ERRORS, "errors")}

__all__ = [*_HOMES, *_FORMER]  # pyright: ignore[reportUnsupportedDunderAll]


def __dir__() -> list[str]:
    return sorted(__all__)


def __getattr__(name: str) -> Any:
    name = _FORMER.get(name, name)
    if name in _HOMES:
        return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__} has no attribute {name}")
