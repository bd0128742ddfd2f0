# SPDX-License-Identifier: GPL-3.0-or-later
"""Orders of which a picture comes, against the stand-in, and files that are no use as one."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import replace
from typing import Any, Final

from PIL import Image

from scenario_addon.engine.ledger.job import Job, State
from tests.engine.gltf_samples import triangle_glb
from tests.engine.workbench import Workbench
from tests.service.store import Blob

__all__ = ["REMOVAL", "RESTYLE", "UNUSABLE", "UPSCALE", "WORDS", "encoded", "finished", "give", "picture_job"]

WORDS: Final = "model_sketch-from-words"
UPSCALE: Final = "model_clear-upscaler"
RESTYLE: Final = "model_picture-restyler"
REMOVAL: Final = "model_photoroom-background-removal"


def picture_job(bench: Workbench, model_id: str = UPSCALE, **order: Any) -> Job:
    """A new job of which a picture comes, in the ledger."""
    job = bench.new_job(model_id=model_id, **{"values": {}, "gives_picture": True, **order})
    if model_id == WORDS:
        values = {"prompt": "an owl", **order.get("values", {})}
        job = replace(job, order=replace(job.order, pictures=(), values=values))
    bench.ledger.add(job)
    return job


def finished(bench: Workbench, model_id: str = UPSCALE, **order: Any) -> Job:
    """The same, done at the service and not fetched yet."""
    return bench.carry(picture_job(bench, model_id, **order), until=State.SUCCEEDED)


def give(bench: Workbench, job: Job, data: bytes, *, number: int = 0, mime: str = "image/png") -> None:
    """Have the service give other bytes as one of a job's files."""
    asset_id = job.result_ids[number]
    bench.service._store.blobs[asset_id] = Blob(mime, data)
    bench.service.assets[asset_id]["mimeType"] = mime


def encoded(kind: str, size: tuple[int, int] = (40, 30), colour: Any = "#be5a28") -> bytes:
    """A picture of one colour in a format."""
    stream = io.BytesIO()
    Image.new("RGBA" if kind == "PNG" else "RGB", size, colour).save(stream, kind)
    return stream.getvalue()


def _huge() -> bytes:
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 6, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(64))), (b"IEND", b"")]
    chunks = [struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


UNUSABLE: Final[dict[str, tuple[bytes, str, str]]] = {
    "nothing": (b"", "it is empty", ""),
    "a mesh": (triangle_glb(), "a GLB file came instead", "chair.glb"),
    "a web page": (b"<!doctype html><html>busy</html>", "a web page came instead", "chair.html"),
    "a GIF": (encoded("GIF"), "a GIF file came instead", "chair.gif"),
    "a TIFF": (encoded("TIFF"), "a TIF file came instead", "chair.tif"),
    "half of it": (encoded("PNG", (400, 300))[:300], "cut short or damaged", "chair.damaged.png"),
    "half of a JPEG": (encoded("JPEG", (400, 300))[:400], "cut short or damaged", "chair.damaged.png"),
    "a huge one": (_huge(), "claims to be 100000 x 100000 px", "chair.png"),
    "one that shows nothing": (encoded("PNG", colour=(9, 9, 9, 0)), "transparent everywhere", "chair.png"),
    "noise": (bytes(range(7, 250)), "its content is no PNG, JPEG or WebP", "chair.damaged.png"),
}
"""What comes instead of a picture; what is said of it, and what it is kept as."""
