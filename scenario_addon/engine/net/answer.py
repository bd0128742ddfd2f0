# SPDX-License-Identifier: GPL-3.0-or-later
"""An answer as it comes in: never more of it at once than was meant to be taken, however it is packed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..errors import NetworkError, ProtocolError
from .packing import Unpacker
from .transport import LOST, Exchange, Response

__all__ = ["Answer"]

_STEP_BYTES: Final = 64 * 1024
_WITHOUT_BODY: Final = frozenset({204, 304})
_LONGEST_NUMBER: Final = 18
"""Digits of a length that is believed."""


class Answer:
    """Status and headers are there; the body is for the caller to take, once, and to close. A context manager.

    :param host: where it comes from, for people.
    :param most_bytes: what :attr:`content` takes, unpacked.
    :param stall_s: how long each piece of :meth:`iter_content` may take; ``None``: all of it has to come within what is
        left of the exchange's time.
    """

    def __init__(
        self,
        response: Response,
        exchange: Exchange,
        *,
        host: str,
        most_bytes: int,
        stall_s: float | None = None,
    ) -> None:
        self.status_code = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self._response, self._exchange = response, exchange
        self._host, self._most_bytes, self._stall_s = host, most_bytes, stall_s

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._response.close()

    @property
    def is_ok(self) -> bool:
        return self.status_code < 400

    @property
    def is_redirect(self) -> bool:
        return self._response.is_redirect

    @property
    def is_packed(self) -> bool:
        """Whether the body has another length than what it stands for."""
        return self.headers.get("Content-Encoding", "identity").strip().lower() not in ("identity", "")

    @property
    def length_bytes(self) -> int | None:
        """How many bytes follow, unpacked; ``None`` where the host does not say."""
        return None if self.is_packed else self._stated_bytes

    @property
    def content(self) -> bytearray:
        """The whole body.

        :raises NetworkError: it was cut short, or takes too long.
        :raises ProtocolError: it is too large, or packed in another way than was asked for.
        """
        too_large = ProtocolError(
            f"{self._host} answers with more than {self._most_bytes / 1e6:.0f} MB; try again later."
        )
        if (self._stated_bytes or 0) > self._most_bytes:
            raise too_large
        whole = bytearray()
        for piece in self.iter_content(_STEP_BYTES):
            whole += piece
            if len(whole) > self._most_bytes:
                raise too_large
        return whole

    def start(self, most_bytes: int) -> bytes:
        """Read no more than the first bytes of the body; what is missing of them is not complained about."""
        start = bytearray()
        try:
            for piece in self.iter_content(_STEP_BYTES):
                start += piece
                if len(start) >= most_bytes:
                    break
        except (NetworkError, ProtocolError):
            pass
        return bytes(start[:most_bytes])

    def iter_content(self, size: int) -> Iterator[bytes]:
        """Read the body as it comes, unpacked, in pieces of at most ``size`` bytes. Errors as for :attr:`content`."""
        unpacker = Unpacker(self.headers.get("Content-Encoding", ""))
        for piece in self._received(size):
            yield from unpacker.feed(piece, step_bytes=size)
        if not unpacker.is_whole:
            raise NetworkError(f"The connection to {self._host} was lost.")

    def _received(self, size: int) -> Iterator[bytes]:
        """Read the body as it is sent, but for the chunks it may come in."""
        raw: Any = self._response.raw
        have = 0
        while True:
            if self._stall_s is not None:
                self._exchange.allow(self._stall_s)
            try:
                piece: bytes = raw.read(size, decode_content=False)
            except (*LOST, ValueError) as error:  # the latter from a chunk of no sane length
                raise self._lost() from error
            if not piece:
                break
            have += len(piece)
            yield piece
        if have < (self._stated_bytes or 0):
            raise self._lost()

    @property
    def _stated_bytes(self) -> int | None:
        """The Content-Length, where it counts."""
        text = self.headers.get("Content-Length", "")
        is_chunked = self.headers.get("Transfer-Encoding", "").strip().lower() == "chunked"
        is_number = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
        return int(text) if is_number and not is_chunked and self.status_code not in _WITHOUT_BODY else None

    def _lost(self) -> NetworkError:
        if self._exchange.is_late and self._stall_s is None:
            return NetworkError(f"{self._host} did not finish its answer within {self._exchange.limit_s:.0f} s.")
        return NetworkError(f"The connection to {self._host} was lost.")
