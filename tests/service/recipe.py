# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run is to make, read from a model's description and the settings of the run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from .catalogue import Model
from .values import Json

__all__ = ["Recipe", "read_recipe"]

_DECIDES: Final[dict[str, str]] = {"shaded-and-pbr": "material", "quad-fbx": "quad"}
"""The setting that decides which files come, by the word for the files."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything the files of a run depend on."""

    files: str
    """Which files come: the ``files`` word of the model's description."""
    views: tuple[tuple[str, bytes], ...] = field(repr=False)
    """View and picture, the front first. Empty: from ``words``."""
    words: str
    target: int
    unit: str
    """What ``target`` counts: ``faces`` or ``vertices``."""
    texture_px: int | None
    """``None``: no texture."""
    pbr: bool
    roughness: float
    scale: float
    choice: str
    """The setting that decides between files, where a model has one."""
    seed: int = 0
    count: int = 1
    """So many pictures."""
    factor: int = 1
    """So many times the pixels on each side."""


def read_recipe(model: Model, body: Json, *, picture: Callable[[str], bytes]) -> Recipe:
    """The recipe of a run.

    :param body: checked by :func:`clean_body`.
    :param picture: the bytes of an asset.
    """
    output, settings = model.output, model.settings(body)
    ids = _picture_ids(output, settings)
    untextured = _matches(output.get("untextured", {}), settings, how=any)
    untextured |= len(ids) > output.get("textured_views_max", len(ids))
    faces = output.get("faces", {"otherwise": 1000})
    return Recipe(
        files=output["files"],
        views=tuple((view, picture(asset_id)) for view, asset_id in ids),
        words=settings.get(output.get("prompt", ""), ""),
        target=max(12, int(_resolved(faces, settings))),
        unit=faces.get("unit", "faces"),
        texture_px=None if untextured else int(_resolved(output["texture_px"], settings)),
        pbr="pbr" in output and _matches(output["pbr"], settings, how=all),
        roughness=min(1.0, settings.get(output.get("roughness", ""), 1.6) / 2),
        scale=settings.get(output.get("scale", ""), 1),
        choice=str(settings.get(_DECIDES.get(str(output["files"]), ""), "")),
        seed=int(settings.get(output.get("seed", ""), 0)),
        count=int(settings.get(output.get("count", ""), 1)),
        factor=int(settings.get(output.get("factor", ""), 1)),
    )


def _picture_ids(output: Json, settings: Json) -> list[tuple[str, str]]:
    if "list" in output:
        ids = settings.get(output["list"], [])
        names = [*output["order"], *(f"view-{number}" for number in range(len(output["order"]), len(ids)))]
        return list(zip(names, ids, strict=False))
    views = output.get("views", {})
    return [(view, settings[name]) for view, name in views.items() if name in settings]


def _resolved(rule: Json, settings: Json) -> Any:
    value, switch = settings.get(rule.get("input", "")), rule.get("when")
    if value and (switch is None or settings[switch]):
        return rule["values"][value] if "values" in rule else value
    return rule["otherwise"]


def _matches(conditions: Json, settings: Json, *, how: Callable[[list[bool]], bool]) -> bool:
    return how([settings.get(name) in values for name, values in conditions.items()])
