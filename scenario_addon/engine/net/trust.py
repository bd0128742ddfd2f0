# SPDX-License-Identifier: GPL-3.0-or-later
"""Which certificate authorities are trusted. There is no way to trust all: nothing here can leave the check out."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from ..errors import TlsError
from ..values import Network

__all__ = ["Trust", "trusted"]

_VARIABLES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
"""Which name a file of certificates, in the order in which they count."""
_BEGIN: Final = b"-----BEGIN "
_HASHED: Final = re.compile(r"[0-9a-f]{8}\.\d+")
"""How OpenSSL finds a certificate in a folder by itself."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Files of certificates, and whether the system's own are trusted besides.

    :param bundle: a file or a folder.
    :param variable: which names it; empty for what comes with Blender.
    :param more: another one, from the preferences; empty for none.
    """

    bundle: str
    variable: str = ""
    more: str = ""
    uses_system: bool = False

    def __str__(self) -> str:
        """For people."""
        if self.variable:
            return f"certificates from {self.bundle} ({self.variable})"
        own = "certificates of this computer and of Blender" if self.uses_system else "certificates of Blender"
        return f"{own}, and from {self.more}" if self.more else own

    def context(self, name: str = "") -> ssl.SSLContext:
        """Get ready to check certificates and names. One for each connection: truststore's lets in one at a time.

        Company authorities often lack what VERIFY_X509_STRICT asks for, Python 3.13's default: it is the same for all
        Pythons here, without it.

        :param name: of the host, for where urllib3 does not hand it on.
        :raises TlsError: a file of certificates cannot be used.
        """
        store = _truststore() if self.uses_system else None
        context = _named((store or ssl).SSLContext)(ssl.PROTOCOL_TLS_CLIENT)
        context.name = name
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        _load(context, self.bundle, fix=self._fix)
        if self.more:
            _load(context, self.more, fix="choose another one in the preferences")
        return context

    def problem(self) -> TlsError | None:
        """What is wrong with the files; ``None``: nothing. Reads them."""
        try:
            self.context()
        except TlsError as error:
            return error
        return None

    @property
    def _fix(self) -> str:
        return f"correct or unset {self.variable}" if self.variable else "install Blender again"


def trusted(network: Network, environment: Mapping[str, str] = os.environ) -> Trust:
    """Find out what to trust: what the environment names, and that alone, or else what the preferences say.

    Of the latter, what comes with Blender is a part in any case, as it is for pip: an old system knows fewer.
    """
    for name in _VARIABLES:
        path = environment.get(name)
        if path and not (name == "SSL_CERT_FILE" and path == DEFAULT_CA_BUNDLE_PATH):
            return Trust(path, variable=name)
    uses_system = network.trusts_system and _truststore() is not None
    return Trust(DEFAULT_CA_BUNDLE_PATH, more=network.certificates, uses_system=uses_system)


@cache
def _named(kind: Any) -> Any:
    """A kind of context that knows the name to check: urllib3 1.26 keeps back those that are numbers."""

    class Named(kind):
        name = ""

        @property
        def _own(self) -> Any:
            return super()

        def wrap_socket(self, *args: Any, server_hostname: str | None = None, **more: Any) -> Any:
            return self._own.wrap_socket(*args, server_hostname=server_hostname or self.name, **more)

        def wrap_bio(self, *args: Any, server_hostname: str | None = None, **more: Any) -> Any:
            return self._own.wrap_bio(*args, server_hostname=server_hostname or self.name, **more)

    return Named


def _truststore() -> Any:
    """The module; ``None`` where it does not come along or does not know this system.

    Only its context is used: nothing of Python's is replaced for other add-ons.
    """
    try:
        import truststore
    except ImportError:
        return None
    return truststore


def _load(context: ssl.SSLContext, place: str, *, fix: str) -> None:
    path = Path(place)
    try:
        if not path.is_dir():
            _load_file(context, path)
        elif any(_HASHED.fullmatch(file.name) for file in path.iterdir()):
            context.load_verify_locations(capath=place)
        elif not sum(_loads(context, file) for file in path.iterdir()):
            raise TlsError(f"The folder {place} holds no certificates that can be read", fix=fix)
    except FileNotFoundError as error:
        raise TlsError(f"The certificate file {place} is not there", fix=fix) from error
    except (ssl.SSLError, ValueError) as error:
        raise TlsError(f"{place} holds no certificates that can be read", fix=fix) from error
    except OSError as error:
        raise TlsError(f"The certificate file {place} cannot be read ({error.strerror})", fix=fix) from error


def _load_file(context: ssl.SSLContext, path: Path) -> None:
    """Take in a file of text (PEM), or of one certificate as Windows exports it (DER)."""
    if not (data := path.read_bytes()):
        raise ValueError("empty")
    if _BEGIN in data:
        context.load_verify_locations(cafile=str(path))
    else:
        context.load_verify_locations(cadata=data)


def _loads(context: ssl.SSLContext, path: Path) -> bool:
    """Take in a file of a folder, where it is one of certificates."""
    try:
        _load_file(context, path)
    except (OSError, ValueError):  # what else is in the folder; the errors of ssl are among the former
        return False
    return True
