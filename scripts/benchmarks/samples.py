# SPDX-License-Identifier: GPL-3.0-or-later
"""GLB files of any size for the measurements, made once and kept. Runs in the environment of the engine's tests."""

from __future__ import annotations

import math
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
from environments import ENVS
from numpy.typing import NDArray
from PIL import Image

from tests.service.glb import Material, Mesh, write_glb

from .hostile import HOSTILE

__all__ = ["hostile_file", "sample"]

_COARSEST_PX: Final = 4
_FADING: Final = 0.75
"""How much fainter the noise is at half the size: about the bytes of a scanned surface come of it."""
_FOLDER: Final = ENVS / "bench" / "samples"


def sample(triangles: int, *, texture: str, texture_px: int) -> Path:
    """Give a bumpy sphere of about so many triangles, with base colour, normal and metal-roughness maps.

    :param texture: ``jpeg`` or ``png``.
    :param texture_px: the side of each of the three maps.
    """
    path = _FOLDER / f"{triangles}-{texture}-{texture_px}.glb"
    if not path.exists():
        maps = [_map(seed, texture=texture, side_px=texture_px) for seed in range(3)]
        material = Material(base_color=maps[0], metallic_roughness=maps[1], normal=maps[2])
        _keep(path, write_glb(_sphere(triangles), material, name="sample"))
    return path


def hostile_file(kind: str) -> Path:
    """Give a hostile file of this kind."""
    path = _FOLDER / "hostile" / f"{list(HOSTILE).index(kind):02}.glb"
    _keep(path, HOSTILE[kind]())
    return path


def _sphere(triangles: int) -> Mesh:
    """Latitudes times twice as many longitudes, two triangles each; the seam has vertices of its own, for the UVs."""
    rows = max(2, round(math.sqrt(triangles / 4)))
    columns = 2 * rows
    v, u = (grid.ravel() for grid in np.mgrid[0 : 1 : complex(rows + 1), 0 : 1 : complex(columns + 1)])
    around, down = 2 * np.pi * u, np.pi * v
    normals = np.stack([np.sin(down) * np.cos(around), np.cos(down), -np.sin(down) * np.sin(around)], axis=1)
    bumps = 1 + 0.05 * np.sin(9 * around) * np.sin(7 * down)
    first = (np.arange(rows)[:, None] * (columns + 1) + np.arange(columns)).ravel()
    below = first + columns + 1
    faces = np.stack([first, below, first + 1, first + 1, below, below + 1], axis=1).reshape(-1, 3)
    return Mesh(
        positions=(normals * bumps[:, None]).astype(np.float32),
        normals=normals.astype(np.float32),
        uvs=np.stack([u, v], axis=1).astype(np.float32),
        faces=faces.astype(np.uint32),
    )


def _map(seed: int, *, texture: str, side_px: int) -> bytes:
    """A picture that compresses about as a photograph does: noise of every scale, the finer the fainter."""
    path = _FOLDER / f"map-{seed}-{side_px}.{texture}"
    if not path.exists():
        image, file = Image.fromarray(_noise(seed, side_px)), BytesIO()
        if texture == "png":
            image.save(file, "PNG", compress_level=1)
        else:
            image.save(file, "JPEG", quality=90)
        _keep(path, file.getvalue())
    return path.read_bytes()


def _noise(seed: int, side_px: int) -> NDArray[np.uint8]:
    """A ``(side, side, 3)`` array."""
    random = np.random.default_rng(seed)
    total, weights = np.zeros((side_px, side_px, 3), dtype=np.float32), 0.0
    for octave in range(int(math.log2(side_px / _COARSEST_PX)) + 1):
        coarse_px, weight = _COARSEST_PX * 2**octave, _FADING**octave
        coarse: NDArray[Any] = random.integers(0, 256, (coarse_px, coarse_px, 3), dtype=np.uint8)
        fine = Image.fromarray(coarse).resize((side_px, side_px), Image.Resampling.BICUBIC)
        total += np.asarray(fine, dtype=np.float32) * weight
        weights += weight
    return (total / weights).astype(np.uint8)


def _keep(path: Path, data: bytes) -> None:
    """A file with its final name is whole, also after an interruption."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(data)
    part.replace(path)
