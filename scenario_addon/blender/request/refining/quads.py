# SPDX-License-Identifier: GPL-3.0-or-later
"""How a model is told to make quads, where it makes triangles by itself: what retopology is wanted for most."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ....engine.models.schema import Kind

if TYPE_CHECKING:
    from ....engine.models.model import Model

__all__ = ["quads_of"]

_QUADS: Final = re.compile(r"quad", re.IGNORECASE)
_PLAIN: Final = re.compile(r"\s*(all[ _-]?)?quad(s|rilaterals?|rangles?)?\s*", re.IGNORECASE)
"""A value that says just that: not ``18K Quad``, which says how many as well."""


def quads_of(model: Model) -> Mapping[str, Any]:
    """Give the parameters with which a model makes quads; empty where it does so anyway, or nobody knows how."""
    for parameter in model.parameters:
        if parameter.kind is Kind.BOOLEAN and _QUADS.search(parameter.name) and not parameter.default:
            return {parameter.name: True}
        if parameter.kind is Kind.STRING and not _QUADS.search(str(parameter.default)):
            values = (choice.value for choice in parameter.choices if _PLAIN.fullmatch(str(choice.value)))
            if (value := next(values, None)) is not None:
                return {parameter.name: value}
    return {}
