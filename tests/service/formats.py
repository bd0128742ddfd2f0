# SPDX-License-Identifier: GPL-3.0-or-later
"""The other files a job may deliver: OBJ with its MTL, splats as SPZ and PLY, and the shell of an FBX."""

from __future__ import annotations

import gzip
import io
import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .glb import Floats, Mesh

__all__ = ["splat_colours", "write_fbx_shell", "write_mtl", "write_obj", "write_ply", "write_quads", "write_spz"]

_SPZ_MAGIC: Final = 0x5053474E
_SPZ_FRACTION_BITS: Final = 12


def write_obj(mesh: Mesh, *, material_file: str) -> bytes:
    """Wavefront OBJ with normals and texture coordinates."""
    return write_quads(mesh, mesh.faces.astype(np.int64), material_file=material_file)


def write_quads(mesh: Mesh, polygons: NDArray[np.int64], *, material_file: str) -> bytes:
    """The same with other faces than the mesh's own, each of as many corners."""
    corners = polygons.shape[1]
    row_format = " ".join(["f", *["%d/%d/%d"] * corners])
    corner_numbers = np.repeat(polygons + 1, 3, axis=1).tolist()
    uvs = np.column_stack([mesh.uvs[:, 0], 1 - mesh.uvs[:, 1]])
    lines = [f"mtllib {material_file}", "usemtl surface"]
    lines += ["v %.5f %.5f %.5f" % tuple(row) for row in mesh.positions.tolist()]  # noqa: UP031
    lines += ["vt %.5f %.5f" % tuple(row) for row in uvs.tolist()]  # noqa: UP031
    lines += ["vn %.4f %.4f %.4f" % tuple(row) for row in mesh.normals.tolist()]  # noqa: UP031
    lines += [row_format % tuple(row) for row in corner_numbers]
    return ("\n".join(lines) + "\n").encode()


def write_mtl(*, texture_file: str | None) -> bytes:
    """The material of :func:`write_obj`."""
    return ("newmtl surface\nKd 0.8 0.8 0.8\n" + (f"map_Kd {texture_file}\n" if texture_file else "")).encode()


def write_fbx_shell() -> bytes:
    """An FBX 7.4 file that holds nothing: its header and the record that ends the list of nodes."""
    return b"Kaydara FBX Binary  \x00\x1a\x00" + struct.pack("<I", 7400) + bytes(13)


def splat_colours(mesh: Mesh, base_color: bytes) -> Floats:
    """Red, green and blue from 0 to 1 of every vertex."""
    texture = np.asarray(Image.open(io.BytesIO(base_color)).convert("RGB"), dtype=np.float32) / 255
    at = (mesh.uvs * (texture.shape[1], texture.shape[0])).astype(int)
    colours: Floats = texture[at[:, 1].clip(max=texture.shape[0] - 1), at[:, 0].clip(max=texture.shape[1] - 1)]
    return colours


def write_spz(positions: Floats, colours: Floats) -> bytes:
    """Gaussians at the positions, SPZ version 2 (github.com/nianticlabs/spz): no rotation, no harmonics."""
    count = len(positions)
    fixed = np.round(positions * 2**_SPZ_FRACTION_BITS).astype("<i4")
    scale = np.uint8(np.clip((np.log(1 / max(count, 1) ** 0.5) + 10) * 16, 0, 255))
    body = [
        struct.pack("<IIIBBBB", _SPZ_MAGIC, 2, count, 0, _SPZ_FRACTION_BITS, 0, 0),
        fixed.view(np.uint8).reshape(count, 3, 4)[:, :, :3].tobytes(),
        np.full(count, 255, np.uint8).tobytes(),
        np.clip((colours - 0.5) / 0.282 * 0.15 * 255 + 127.5, 0, 255).astype(np.uint8).tobytes(),
        np.full((count, 3), scale).tobytes(),
        np.full((count, 3), 128, np.uint8).tobytes(),
    ]
    return gzip.compress(b"".join(body), compresslevel=1, mtime=0)


def write_ply(positions: Floats, colours: Floats) -> bytes:
    """A cloud of coloured points, binary PLY."""
    rows = np.zeros(len(positions), dtype=[("xyz", "<f4", 3), ("rgb", "u1", 3)])
    rows["xyz"], rows["rgb"] = positions, np.clip(colours * 255, 0, 255)
    axes = "".join(f"property float {axis}\n" for axis in "xyz")
    channels = "".join(f"property uchar {channel}\n" for channel in ("red", "green", "blue"))
    head = f"ply\nformat binary_little_endian 1.0\nelement vertex {len(rows)}\n{axes}{channels}end_header\n"
    return head.encode() + rows.tobytes()
