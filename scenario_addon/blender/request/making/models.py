# SPDX-License-Identifier: GPL-3.0-or-later
"""Which models make a picture, and which of them is chosen for what is to be done. Cheap enough for a redraw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ....engine.models.words.picture_works import PictureWork, picture_work_of
from ...app.session import session
from ...form.stored import choice, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....engine.models.model import Model
    from ...form.making import SCENARIO_PG_making

__all__ = ["chosen_model", "fitting_models", "work_of"]

_WORKS: Final = {
    "WORDS": PictureWork.WORDS,
    "BACKGROUND": PictureWork.BACKGROUND,
    "UPSCALE": PictureWork.UPSCALE,
    "CHANGE": PictureWork.CHANGE,
}


def work_of(model: Model) -> PictureWork:
    """Give what a model does."""
    return picture_work_of(model.id, model.name, model.description, model.capabilities)


def fitting_models(work: str) -> Sequence[Model]:
    """Give the models that do what is wanted, by name; what draws from words may also change a picture."""
    return [model for model in session.models.picture_models() if _fits(model, _WORKS[work])]


def _fits(model: Model, work: PictureWork) -> bool:
    own = work_of(model)
    if work is PictureWork.CHANGE and own is PictureWork.WORDS:
        return any(not capability.startswith("txt2") for capability in model.capabilities)
    return own is work


def chosen_model(making: SCENARIO_PG_making) -> str:
    """Give the id of the model in use: the chosen one where it does that, else one used before or the first, or ""."""
    chosen, work = text(making, "model"), choice(making, "work")
    known = session.models.in_use(chosen)
    if known is not None and known.makes_pictures and _fits(known, _WORKS[work]):
        return chosen
    fitting = [model.id for model in fitting_models(work)]
    used = (model_id for model_id in session.recent_models if model_id in fitting)
    return chosen if chosen in fitting else next(used, next(iter(fitting), ""))
