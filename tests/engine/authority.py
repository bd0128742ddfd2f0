# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate authority of one's own, and what servers show that it vouches for, or that nobody does."""

from __future__ import annotations

import datetime
import ssl
from pathlib import Path

import trustme

__all__ = ["Authority"]


class Authority:
    """Issues certificates for servers.

    :param folder: where its files lie.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._authority = folder, trustme.CA()
        self.certificate = folder / "authority.pem"
        """What to trust."""
        self._authority.cert_pem.write_to_path(self.certificate)

    def server(self, name: str, *, days: int = 30) -> ssl.SSLContext:
        """What a server shows.

        :param name: ``IP:127.0.0.1`` or ``DNS:host.example``.
        :param days: from now until it expires.
        """
        now = datetime.datetime.now(datetime.UTC)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(
            name.partition(":")[2],
            not_before=now - datetime.timedelta(days=60),
            not_after=now + datetime.timedelta(days=days),
        ).configure_cert(context)
        return context

    def signed_by_itself(self) -> ssl.SSLContext:
        """What a server shows that nobody vouches for."""
        own, path = trustme.CA(), self._folder / "own.pem"
        own.cert_pem.write_to_path(path)
        own.private_key_pem.write_to_path(path, append=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context
