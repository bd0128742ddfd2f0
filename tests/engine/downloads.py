# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of downloads share: a mesh, a host that knows ranges, and where the unfinished file lies."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from scenario_addon.engine.names import token
from scenario_addon.engine.values import JobId, MeshFile
from tests.engine.canned import canned
from tests.engine.gltf_samples import triangle_glb

__all__ = ["GLB", "JOB", "Fetch", "part_of", "ranged"]

JOB: Final = JobId("0123456789abcdef")
GLB: Final = triangle_glb(padding_bytes=1_000)
Fetch = Callable[..., MeshFile]


def ranged(data: bytes) -> Callable[[bytes], bytes]:
    """A host that knows ranges."""

    def answer(request: bytes) -> bytes:
        wanted = re.search(rb"Range: bytes=(\d+)-", request)
        start = int(wanted[1]) if wanted else 0
        if wanted and start >= len(data):
            return canned("416 Range Not Satisfiable")
        status = "206 Partial Content" if wanted else "200 OK"
        return canned(status, data[start:], f"Content-Range: bytes {start}-{len(data) - 1}/{len(data)}")

    return answer


def part_of(tmp_path: Path) -> Path:
    return tmp_path / "meshes" / f"{token(JOB)}-{token('asset_1')}.part"
