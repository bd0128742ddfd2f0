# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of a mesh that is open, as a file that belongs to its job."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ...engine.errors import DiskError
from ...engine.files import create, discard, publish
from ...engine.host import Commission
from ...engine.names import numbered
from ...engine.pictures.png import marked
from ..picture.containers import without_origin
from ..scene.arrival import Arrival
from ..studio.child.portrait import portray

__all__ = ["SIZE_PX", "photograph"]

SIZE_PX: Final = 512
_SAMPLES: Final = 6
"""A pixel, which takes two cores a second; with fewer, edges are jagged."""


def photograph(arrival: Arrival, commission: Commission, *, token: str, engine: str) -> Path:
    """Render a preview, and give it its name or a numbered one, marked as of the job's mesh.

    :raises DiskError: it cannot be written.
    :raises RuntimeError: it cannot be rendered.
    """
    wanted = commission.preview
    assert wanted is not None
    part = wanted.with_name(f".{token}{wanted.suffix}")
    try:
        wanted.parent.mkdir(parents=True, exist_ok=True)
        portray(arrival.objects, part, engine=engine, size_px=SIZE_PX, samples=_SAMPLES)
        png = marked(without_origin(part.read_bytes()), commission.job_id)
        discard(part)
        with create(part) as file:
            file.write(png)
        return publish(part, numbered(wanted))
    except OSError as error:
        raise DiskError(f"{wanted} could not be written: {error.strerror or error}") from error
    finally:
        discard(part)
