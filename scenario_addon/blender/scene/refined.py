# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mesh that is being refined comes from: kept with the order, so that the result finds its place. No Blender."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

__all__ = ["Refined"]

_KEY: Final = "refined"


@dataclass(frozen=True)
class Refined:
    """A mesh that was given to a model. Holds no reference to Blender's data, so it can be kept as JSON."""

    kind: str
    """What the model does, a value of :class:`Refinement`."""
    objects: tuple[str, ...] = ()
    """Names of the objects that were given, the active one first; empty where none of them is in the scene."""
    job_id: str | None = None
    """Our job that had made it; ``None`` for a mesh of the artist's own."""

    def in_target(self) -> dict[str, Any]:
        """What an order's target says of it."""
        return {_KEY: asdict(self)}

    @classmethod
    def of_target(cls, target: Mapping[str, Any]) -> Self | None:
        """Read it from an order's target; ``None`` where nothing was refined, or nothing sensible is said."""
        data = target.get(_KEY)
        if not isinstance(data, Mapping) or not isinstance(kind := data.get("kind"), str):
            return None
        names, job_id = data.get("objects"), data.get("job_id")
        named = names if isinstance(names, list | tuple) else ()
        return cls(
            kind=kind,
            objects=tuple(name for name in named if isinstance(name, str)),
            job_id=job_id if isinstance(job_id, str) else None,
        )
