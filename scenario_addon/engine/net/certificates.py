# SPDX-License-Identifier: GPL-3.0-or-later
"""Why no protected connection comes about, and what to do: each cause in its own words."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Final

from ..errors import TlsError

__all__ = ["causes", "tls_error"]

# The codes of OpenSSL, of Windows (CERT_E_...) and of macOS (errSec...), which truststore hands on.
_NOT_YET_VALID: Final = frozenset({9, -67819})
_EXPIRED: Final = frozenset({10, 0x800B0101, -67818})
_REVOKED: Final = frozenset({23, 0x800B010C, 0x80092010, -67820})
_OTHER_NAMES: Final = frozenset({62, 63, 64, 0x800B010F, -67602})
"""Another host, mail address, IP address."""
_SIGNED_BY_ITSELF: Final = 18
_OTHER_NAME_WORDS: Final = ("doesn't match", "mismatch", "not valid for")
"""What the libraries say that compare names themselves."""
_NO_TLS_WORDS: Final = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE")
_OLD_TLS_WORDS: Final = ("UNSUPPORTED_PROTOCOL", "ALERT_PROTOCOL_VERSION", "VERSION_TOO_LOW", "INSUFFICIENT_SECURITY")
_COMPANY: Final = (
    "behind a company proxy, choose its certificate file in the preferences, or point REQUESTS_CA_BUNDLE to it"
)


def tls_error(error: BaseException, host: str) -> TlsError | None:
    """What a failed exchange says of the protection; ``None`` when it is not about that.

    :param host: which was to answer, for people.
    """
    found = list(causes(error))
    if not any(isinstance(cause, ssl.SSLError) or _is_about_names(cause) for cause in found):
        return None
    refused = next((cause for cause in found if isinstance(cause, ssl.SSLCertVerificationError)), None)
    code: int | None = getattr(refused, "verify_code", None)
    if code in _OTHER_NAMES or any(_is_about_names(cause) for cause in found):
        fix = "check the base URL and the proxy, or whether somebody stands in between"
        return TlsError(f"The certificate that answers for {host} is another name's", fix=fix)
    if refused is not None:
        return _refused(code, getattr(refused, "verify_message", None), host)
    if any(word in str(cause) for cause in found for word in _NO_TLS_WORDS):
        fix = "check the address of the service and of the proxy (http or https)"
        return TlsError(f"What answers for {host} does not speak https", fix=fix)
    if any(word in str(cause) for cause in found for word in _OLD_TLS_WORDS):
        fix = "have it brought up to date, or let the company's network leave this host alone"
        return TlsError(f"What answers for {host} offers outdated protection alone (older than TLS 1.2)", fix=fix)
    fix = "check the proxy, and whether a virus scanner or firewall comes between"
    return TlsError(f"{host} and this computer found no protected connection", fix=fix)


def _refused(code: int | None, reason: str | None, host: str) -> TlsError:
    """What it means that a certificate was not accepted."""
    if code in _EXPIRED or code in _NOT_YET_VALID:
        state = "has expired" if code in _EXPIRED else "is not valid yet"
        return TlsError(
            f"The certificate of {host} {state}",
            fix="check this computer's date and time; else it has to be renewed there",
        )
    if code in _REVOKED:
        return TlsError(f"The certificate of {host} was revoked", fix="check the base URL and the proxy")
    if code == _SIGNED_BY_ITSELF:
        return TlsError(f"The certificate of {host} is signed by itself alone, so nobody vouches for it", fix=_COMPANY)
    why = f" ({reason})" if reason else ""
    return TlsError(f"The certificate of {host} is not trusted{why}", fix=_COMPANY)


def _is_about_names(cause: BaseException) -> bool:
    """Whether a certificate was compared with a host's name, and differed."""
    is_certificate = type(cause).__name__ in ("CertificateError", "SSLCertVerificationError")
    return is_certificate and any(word in str(cause) for word in _OTHER_NAME_WORDS)


def causes(error: BaseException) -> Iterator[BaseException]:
    """Give the error and all that it was made from, each once."""
    waiting, seen = [error], set[int]()
    while waiting:
        found = waiting.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        related = [*found.args, getattr(found, "reason", None), found.__cause__, found.__context__]
        waiting += [other for other in related if isinstance(other, BaseException)]
