# SPDX-License-Identifier: GPL-3.0-or-later
"""Unpacking what came packed, a bounded step at a time: a few kilobytes can stand for gigabytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from ..errors import ProtocolError
from ..text import clean

__all__ = ["PACKINGS", "Unpacker"]

PACKINGS: Final = ("gzip", "deflate")
"""What is unpacked here, and asked for."""
_ALIASES: Final = {"x-gzip": "gzip", "": "identity"}
_GZIP_WBITS: Final = zlib.MAX_WBITS | 16
_ZLIB_METHOD: Final = 8
"""The low half of the first byte where "deflate" means zlib's format, as it should; some hosts send it bare."""
_IDLE_BYTES: Final = 1_000_000
"""What is packed is never much longer than what was packed: so much is let pass before that is held against it."""


class Unpacker:
    """Takes what comes in, gives what it stands for.

    :param encoding: as the Content-Encoding header states it.
    :raises ProtocolError: it is none of those that were asked for.
    """

    def __init__(self, encoding: str) -> None:
        word = encoding.strip().lower()
        self._packing = _ALIASES.get(word, word)
        if self._packing not in (*PACKINGS, "identity"):
            shown = clean(word, longest=40)
            raise ProtocolError(f'The answer is packed in a way that was not asked for ("{shown}"); try again later.')
        self._decoder = zlib.decompressobj(_GZIP_WBITS) if self._packing == "gzip" else None
        self._members = 0
        self._in_bytes = self._out_bytes = 0

    @property
    def is_idle(self) -> bool:
        """Whether what comes in is given as it is."""
        return self._packing == "identity"

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing at the end of what has come so far."""
        return self.is_idle or not self._in_bytes or self._members > 0

    def feed(self, data: bytes, *, step_bytes: int) -> Iterator[bytes]:
        """Unpack a piece, into pieces of at most ``step_bytes``.

        :raises ProtocolError: it was not packed like that.
        """
        if self.is_idle:
            yield data
            return
        self._in_bytes += len(data)
        try:
            yield from self._unpacked(data, step_bytes)
        except zlib.error as error:
            if not self._members:  # what follows a whole file is nobody's business
                raise ProtocolError("The answer is packed and damaged; try again later.") from error
        if self._in_bytes > 2 * self._out_bytes + _IDLE_BYTES:
            raise ProtocolError("The answer is packed and unpacks to nothing; try again later.")

    def _unpacked(self, data: bytes, step_bytes: int) -> Iterator[bytes]:
        if self._decoder is None:
            is_zlib = data[0] & 0x0F == _ZLIB_METHOD
            self._decoder = zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)
        while True:
            if self._decoder.eof:
                if self._packing != "gzip":
                    return
                self._decoder = zlib.decompressobj(_GZIP_WBITS)  # such files can be put one after the other
            piece = self._decoder.decompress(data, step_bytes)
            data = self._decoder.unconsumed_tail
            if self._decoder.eof:
                self._members += 1
                data = self._decoder.unused_data
            self._out_bytes += len(piece)
            if piece:
                yield piece
            if not data and len(piece) < step_bytes:
                return
