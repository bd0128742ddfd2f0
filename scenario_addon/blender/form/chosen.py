# SPDX-License-Identifier: GPL-3.0-or-later
"""Which models make a mesh of the same: one, or several at a press. Kept with the scene as ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ... import engine
from ...engine.errors import InputError
from .stored import text

if TYPE_CHECKING:
    from .properties import SCENARIO_PG_scene

__all__ = ["MAX_MODELS", "choose", "chosen_models", "chosen_step", "tick", "untick"]

MAX_MODELS: Final = 4
"""Of one press: more are ordered from the command line."""


def chosen_models(settings: SCENARIO_PG_scene) -> list[str]:
    """Tell the ids of the models that are chosen, the main one first: one at least, none twice, four at most."""
    main = text(settings, "model") or engine.DEFAULT_MODEL_ID
    return list(dict.fromkeys([main, *text(settings, "more_models").split()]))[:MAX_MODELS]


def chosen_step(settings: SCENARIO_PG_scene) -> str:
    """Tell the id of the model that changes the mesh once it is there; "" for none."""
    return text(settings, "then").strip()


def choose(settings: SCENARIO_PG_scene, model_id: str) -> None:
    """Choose one model, and no other beside it."""
    settings.model, settings.more_models = model_id, ""


def tick(settings: SCENARIO_PG_scene, model_id: str) -> None:
    """Choose a further model, after the others.

    :raises InputError: as many as there may be are chosen already, or its id cannot be kept.
    """
    chosen = chosen_models(settings)
    if model_id in chosen:
        return
    if len(chosen) == MAX_MODELS:
        raise InputError(f"One press makes a mesh by {MAX_MODELS} models at most: take the tick off another first.")
    if model_id.split() != [model_id]:
        raise InputError("This model can only be chosen alone: there is a space in its id.")
    _keep(settings, [*chosen, model_id])


def untick(settings: SCENARIO_PG_scene, model_id: str) -> None:
    """Choose a model no longer; the next takes the place of the main one. The last that is left stays."""
    rest = [other for other in chosen_models(settings) if other != model_id]
    if rest:
        _keep(settings, rest)


def _keep(settings: SCENARIO_PG_scene, chosen: list[str]) -> None:
    settings.model, settings.more_models = chosen[0], " ".join(chosen[1:])
