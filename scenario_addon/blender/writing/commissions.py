# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written of a mesh: carried out here, or told to another Blender. Main thread only where it is carried out."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ...engine.files import discard
from ...engine.host import AS_DELIVERED, Commission, Detail, Written
from ..studio.child.light import has_engine
from ..studio.setup import ENGINES
from .blends import open_mesh, refuse_window, save
from .preview import photograph

__all__ = ["carry_out", "carry_out_here", "clear", "from_json", "no_picture", "parts", "to_json"]


def carry_out(commission: Commission, *, token: str, engine: str, tell: Callable[..., None]) -> None:
    """Write all of it, and tell of each file as it is there; whatever was open is given up.

    :param token: by which files are called until they are complete, see :func:`parts`.
    :param engine: what renders the preview, see :data:`.setup.ENGINES`.
    :raises ConfigError: there is a window.
    :raises DiskError: something cannot be written.
    :raises ImportFailed: the mesh cannot be read.
    :raises RuntimeError: the mesh cannot be rendered; the .blend is there.
    """
    refuse_window()
    arrival = open_mesh(commission, commission.detail if commission.blend is not None else AS_DELIVERED)
    if commission.blend is not None:
        tell(blend=str(save(commission.blend, token)), flaws=arrival.flaws, cleaned=arrival.cleaned)
    if commission.preview is not None:
        tell(rendering=True)
        if commission.blend is not None and commission.detail != AS_DELIVERED:
            arrival = open_mesh(commission, AS_DELIVERED)
        tell(preview=str(photograph(arrival, commission, token=token, engine=engine)))


def carry_out_here(commission: Commission) -> Written:
    """Write all of it in this Blender, whatever was open is given up.

    :raises ConfigError: there is a window.
    :raises DiskError: something cannot be written.
    :raises ImportFailed: the mesh cannot be read.
    """
    token, told, problem = uuid.uuid4().hex, dict[str, Any](), None
    engine = ENGINES[0]  # the only one that cannot take this process down
    possible = commission
    if commission.preview is not None and not has_engine(engine):
        problem = no_picture(commission.mesh, "this Blender has no Cycles")
        possible = replace(commission, preview=None)
    try:
        carry_out(possible, token=token, engine=engine, tell=told.update)
    except RuntimeError as error:
        problem = no_picture(commission.mesh, str(error))
    finally:
        clear(commission, token)
    blend, preview = (told[name] and Path(told[name]) if name in told else None for name in ("blend", "preview"))
    return Written(blend, preview, tuple(told.get("flaws", ())), problem, told.get("cleaned", ""))


def no_picture(mesh: Path, reason: str) -> str:
    """Say why there is no preview."""
    reason = reason.removeprefix("Error: ").strip().rstrip(".")
    return f"{mesh.name} has no preview, for it could not be rendered: {reason}."


def parts(commission: Commission, token: str) -> list[Path]:
    """Give how its files are called until they are complete, and what Blender calls them until they are parts."""
    wanted = [path for path in (commission.blend, commission.preview) if path is not None]
    found = [path.with_name(f".{token}{path.suffix}") for path in wanted]
    return [*found, *(path.with_name(f"{path.name}@") for path in found)]


def clear(commission: Commission, token: str) -> None:
    """Remove what is not complete."""
    for part in parts(commission, token):
        discard(part)


def to_json(commission: Commission) -> dict[str, Any]:
    paths = {name: path and str(path) for name, path in _paths(commission).items()}
    return {**asdict(commission), **paths}


def from_json(data: Mapping[str, Any]) -> Commission:
    """Read what :func:`to_json` of the same version wrote."""
    paths = {name: data[name] and Path(data[name]) for name in ("mesh", "blend", "preview")}
    return Commission(**{**data, **paths, "detail": Detail(**data["detail"])})


def _paths(commission: Commission) -> dict[str, Path | None]:
    return {"mesh": commission.mesh, "blend": commission.blend, "preview": commission.preview}
