# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate authority of one's own, made with the openssl command."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path
from typing import Final

__all__ = ["HAS_OPENSSL", "Authority"]

HAS_OPENSSL: Final = shutil.which("openssl") is not None
_KEY: Final = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


class Authority:
    """Issues certificates for servers.

    :param folder: where its files lie.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.certificate = folder / "authority.pem"
        """What to trust."""
        key = ("-keyout", str(folder / "authority.key"), "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        subject = ("-days", "30", "-subj", "/CN=Test authority")
        self._openssl("req", "-x509", *_KEY, *key, "-out", str(self.certificate), *subject)

    def server(self, name: str, *, days: int = 30) -> ssl.SSLContext:
        """What a server shows.

        :param name: ``IP:127.0.0.1`` or ``DNS:host.example``.
        :param days: from now until it expires.
        """
        stem = f"{name.replace(':', '-')} {days}"
        key, request = (str(self._folder / f"{stem}.{suffix}") for suffix in ("key", "csr"))
        names = self._folder / f"{stem}.ext"
        names.write_text(f"subjectAltName={name}\nbasicConstraints=CA:FALSE\nauthorityKeyIdentifier=keyid\n")
        self._openssl("req", *_KEY, "-keyout", key, "-out", request, "-subj", "/CN=Test server")
        signer = ("-CA", str(self.certificate), "-CAkey", str(self._folder / "authority.key"), "-CAcreateserial")
        pem = str(self._folder / f"{stem}.pem")
        self._openssl("x509", "-req", "-in", request, *signer, "-days", str(days), "-extfile", str(names), "-out", pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem, key)
        return context

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=60)
