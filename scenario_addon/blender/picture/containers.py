# SPDX-License-Identifier: GPL-3.0-or-later
"""What a PNG, JPEG or WebP says beside its pixels: whether it has alpha, how its numbers are meant. Any thread.

Blender takes the numbers of these files as they are, whatever profile comes with them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import BinaryIO, Final

from ...engine.pictures.flaws import MOST_PARTS
from ...engine.pictures.header import JPEG, PNG, WEBP, mime_of
from ...engine.pictures.jpeg import SCAN, is_frame, segments
from ...engine.pictures.png import MAGIC, chunks
from ...engine.pictures.webp import parts

__all__ = ["Container", "describe", "without_origin", "without_profile"]

_ORIGIN_CHUNKS: Final = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"pHYs"})
"""Where a PNG says when it was made, by which camera, from which .blend, how large on paper."""
_PROFILE_CHUNKS: Final = frozenset({b"iCCP", b"gAMA", b"cHRM", b"cICP"})
_TELLING_CHUNKS: Final = _PROFILE_CHUNKS | {b"IHDR", b"sRGB", b"tRNS"}
_SRGB_CODES: Final = bytes([1, 13, 0, 1])
"""Colours, curve, matrix and range, as Blender 5 writes them into every PNG."""
_SRGB_GAMMA: Final = struct.pack(">I", 45_455)
_GAMMA_ROUNDING: Final = 10
_SRGB_COLOURS: Final = struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
"""White, red, green and blue of a PNG that only says that it is sRGB."""
_SRGB_NAMES: Final = tuple(
    name.encode(encoding)
    for name in ("sRGB IEC61966", "sRGB built-in", "built-in sRGB", "sRGB2014")
    for encoding in ("ascii", "utf-16-be")
)
"""What the profiles call themselves that change nothing."""
_MOST_PROFILE_BYTES: Final = 1 << 22

_COMMENT, _PROFILE, _INKS = 0xFE, 0xE2, 4
_PICTURE_SEGMENTS: Final = frozenset({0xE0, 0xEE})
"""Of a JPEG's application segments those that decide how Blender writes it: JFIF, Adobe's colour model."""
_ICC: Final = b"ICC_PROFILE\0"
_WEBP_ALPHA, _WEBP_PROFILE = 0x10, 0x20


@dataclass(frozen=True, slots=True)
class Container:
    """How the numbers of a picture file are meant."""

    has_alpha: bool = False
    has_profile: bool = False
    """One that makes other colours of the same numbers, for a reader that heeds it."""
    is_unusual: bool = False
    """Readers do not agree on what its pixels look like: inks, a grey of 16 bits, a curve for bright screens."""


def describe(file: BinaryIO) -> Container | None:
    """Look at what comes before the pixels; ``None`` for what is no whole PNG, JPEG or WebP."""
    file.seek(0)
    mime = mime_of(file.read(12))
    if mime is None:
        return None
    try:
        return _READERS[mime](file)
    except (struct.error, IndexError, KeyError, ValueError, zlib.error):
        return None


def without_profile(data: bytes) -> bytes:
    """Take from a PNG, JPEG or WebP what changes its colours; the pixels stay the same."""
    if data[:1] == b"\x89":
        return _filtered_png(data, lambda kind: kind not in _PROFILE_CHUNKS)
    if data[:1] == b"\xff":
        return _filtered_jpeg(data, lambda marker, body: marker != _PROFILE or not body.startswith(_ICC))
    return _webp_without_profile(data)


def without_origin(data: bytes) -> bytes:
    """Take from a PNG or JPEG of Blender's every word about where it comes from; the pixels stay the same.

    Also its profile: Blender 5 copies into a PNG what was said of the original, whose colours it no longer has.
    """
    if data[:1] == b"\x89":
        return _filtered_png(data, lambda kind: kind not in _ORIGIN_CHUNKS | _PROFILE_CHUNKS)
    return _filtered_jpeg(data, _decides_the_looks)


def _decides_the_looks(marker: int, body: bytes) -> bool:
    return marker != _COMMENT and (not 0xE0 <= marker <= 0xEF or marker in _PICTURE_SEGMENTS)


def _filtered_png(data: bytes, keeps: Callable[[bytes], bool]) -> bytes:
    parts = [
        data[chunk.start - 8 : chunk.start + chunk.length + 4] for chunk in chunks(BytesIO(data)) if keeps(chunk.kind)
    ]
    return b"".join([MAGIC, *parts])


def _filtered_jpeg(data: bytes, keeps: Callable[[int, bytes], bool]) -> bytes:
    parts = [data[:2]]
    for segment in segments(BytesIO(data)):
        if segment.marker == SCAN:
            parts.append(data[segment.start - 4 :])
            break
        body = data[segment.start : segment.start + segment.length]
        parts += [data[segment.start - 4 : segment.start] + body] if keeps(segment.marker, body) else []
    return b"".join(parts)


def _webp_without_profile(data: bytes) -> bytes:
    kept: list[bytes] = []
    for part in parts(BytesIO(data)):
        content = data[part.start - 8 : part.end]
        if part.kind == b"VP8X":
            content = content[:8] + bytes([content[8] & ~_WEBP_PROFILE]) + content[9:]
        kept += [content] if part.kind != b"ICCP" else []
    body = b"".join([b"WEBP", *kept])
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _png(file: BinaryIO) -> Container:
    """Source: PNG specification, 5 and 11.3.2."""
    chunks = dict(_telling_chunks(file))
    depth, colour = chunks[b"IHDR"][8:10]
    return Container(
        has_alpha=colour in (4, 6) or b"tRNS" in chunks,
        has_profile=_changes_colours(chunks),
        is_unusual=(depth == 16 and colour in (0, 4)) or chunks.get(b"cICP", _SRGB_CODES) != _SRGB_CODES,
    )


def _changes_colours(chunks: Mapping[bytes, bytes]) -> bool:
    if b"cICP" in chunks:  # each counts more than what comes after it
        return False
    if (profile := chunks.get(b"iCCP")) is not None:
        return not _is_srgb(_inflated(profile))
    if b"sRGB" in chunks:
        return False
    (gamma,) = struct.unpack(">I", chunks.get(b"gAMA", _SRGB_GAMMA))
    return abs(gamma - 45_455) > _GAMMA_ROUNDING or chunks.get(b"cHRM", _SRGB_COLOURS) != _SRGB_COLOURS


def _telling_chunks(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Those before the pixels that say how these are meant."""
    for chunk in islice(chunks(file), MOST_PARTS):
        if chunk.kind == b"IDAT":
            return
        if chunk.kind in _TELLING_CHUNKS:
            yield chunk.kind, file.read(min(chunk.length, _MOST_PROFILE_BYTES))


def _inflated(chunk: bytes) -> bytes:
    """The profile in an iCCP chunk: a name, a zero, the method, and the profile compressed."""
    return zlib.decompressobj().decompress(chunk.partition(b"\0")[2][1:], _MOST_PROFILE_BYTES)


def _jpeg(file: BinaryIO) -> Container:
    """Source: ITU-T T.81, B.2.2; ICC.1, B.4."""
    has_profile = False
    for segment in islice(segments(file), MOST_PARTS):
        file.seek(segment.start)
        if is_frame(segment.marker):
            return Container(has_profile=has_profile, is_unusual=file.read(6)[5] == _INKS)
        if segment.marker == _PROFILE and file.read(len(_ICC)) == _ICC:
            has_profile = has_profile or not _is_srgb(file.read(segment.length))
    raise ValueError("no frame")


def _webp(file: BinaryIO) -> Container:
    """Source: WebP container specification."""
    head = file.read(18)
    kind, flags = head[:4], head[8]
    if kind == b"VP8L":
        return Container(has_alpha=bool(head[12] & 0x10))
    if kind != b"VP8X":
        return Container()
    has_profile = False
    if flags & _WEBP_PROFILE:
        kind, length = struct.unpack("<4sI", file.read(8))
        has_profile = kind == b"ICCP" and not _is_srgb(file.read(min(length, _MOST_PROFILE_BYTES)))
    return Container(has_alpha=bool(flags & _WEBP_ALPHA), has_profile=has_profile)


def _is_srgb(profile: bytes) -> bool:
    return any(name in profile for name in _SRGB_NAMES)


_READERS: Final[Mapping[str, Callable[[BinaryIO], Container]]] = {PNG: _png, JPEG: _jpeg, WEBP: _webp}
