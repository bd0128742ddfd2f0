# SPDX-License-Identifier: GPL-3.0-or-later
"""The model that changes a mesh once it is there, as the scene says. Main thread only.

Cheap, looks at no file, and never writes: for every redraw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ... import engine
from ...engine.errors import ScenarioError
from ...engine.values import PLACEHOLDER
from ..app.prices import Priced
from ..app.session import session
from ..form import parameters
from ..form.chosen import chosen_step
from ..form.stored import text

if TYPE_CHECKING:
    from ...engine.models.model import Model
    from ...engine.models.order import Request
    from ..app.prices import Price
    from ..form.properties import SCENARIO_PG_scene

__all__ = ["Step", "read_step"]

_SOMEWHERE: Final = Path("picture")
"""Stands for the picture, which is not looked at here."""


@dataclass(frozen=True)
class Step:
    """A model that is asked once the mesh of the one before is there."""

    name: str
    model: Model | None
    """``None`` while nothing is known of it."""
    request: Request | None = None
    """With a stand-in for the mesh."""
    body: Mapping[str, Any] = field(default_factory=dict[str, Any])
    price: Price | None = None
    """``None`` until the service has answered."""
    problem: str | None = None
    """Why it cannot be asked for, in one sentence."""

    @property
    def cost_cu(self) -> Decimal | None:
        return self.price.cost_cu if self.price else None

    @property
    def wants_words(self) -> bool:
        """Whether it has to be told in words what to do."""
        return self.model is not None and self.model.prompt is not None and self.model.prompt.need.always

    @property
    def priced(self) -> Priced:
        """The request that has the price: the service is asked before there is a mesh. There is a model."""
        assert self.model is not None
        return Priced(self.model.id, self.body, may_be_seen=False)


def read_step(settings: SCENARIO_PG_scene, *, has_picture: bool) -> Step | None:
    """Read what is to follow; ``None`` for nothing.

    :param has_picture: whether there will be a picture, for a model that needs one beside the mesh.
    """
    if not (wanted := chosen_step(settings)):
        return None
    model = session.models.look_up(wanted)
    if model is None:
        told = session.models.problem(wanted) or session.offline_reason
        return Step(wanted, None, problem=told or f"Asking the service what {wanted} takes.")
    if not model.begins_with_mesh:
        return Step(model.name, model, problem=f"{model.name} changes no mesh: choose another model for Then.")
    request = _request(settings, model, has_picture=has_picture)
    try:
        body = engine.draft(model, request)
    except ScenarioError as error:
        told = error.user_message
        return Step(model.name, model, problem=told if model.name in told else f"{model.name}: {told}")
    return Step(model.name, model, request, body)


def _request(settings: SCENARIO_PG_scene, model: Model, *, has_picture: bool) -> Request:
    stored = parameters.settings_of(settings.models, model.id)
    wants_picture = has_picture and model.source is not None and model.source.need.always
    wants_words = model.prompt is not None and model.prompt.need.always
    return engine.Request(
        mesh=(engine.HeldMesh(asset_id=PLACEHOLDER, name="mesh"),),
        images=(_SOMEWHERE,) if wants_picture else (),
        prompt=(text(settings, "prompt").strip() or None) if wants_words else None,
        values=parameters.values(stored, model) if stored is not None else {},
    )
