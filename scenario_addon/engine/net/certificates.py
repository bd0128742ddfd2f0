# SPDX-License-Identifier: GPL-3.0-or-later
"""Why no protected connection comes about, and what to do: each cause in its own words."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from ..errors import TlsError

__all__ = ["bundle_problem", "tls_error"]

_VARIABLES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Which name a file of certificates, in the order in which requests looks at them."""
_NOT_YET_VALID, _EXPIRED, _REVOKED = 9, 10, 23
_OTHER_NAMES: Final = frozenset({62, 63, 64})
"""OpenSSL's codes: another host, mail address, IP address."""
_OTHER_NAME_WORDS: Final = ("doesn't match", "mismatch", "not valid for")
"""What the libraries say that compare names themselves."""
_NO_TLS_WORDS: Final = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE")


def bundle_problem(environment: Mapping[str, str]) -> TlsError | None:
    """What is wrong with the file or folder of certificates that connections are checked with; ``None``: nothing."""
    variable = next((name for name in _VARIABLES if environment.get(name)), None)
    path = environment[variable] if variable else DEFAULT_CA_BUNDLE_PATH
    fix = f"correct or unset {variable}" if variable else "install Blender again, or set REQUESTS_CA_BUNDLE"
    try:
        is_folder = Path(path).is_dir()
        if not is_folder and not Path(path).exists():
            return TlsError(f"The certificate file {path} is not there", fix=fix)
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(
            cafile=None if is_folder else path, capath=path if is_folder else None
        )
    except (ssl.SSLError, ValueError):
        return TlsError(f"{path} holds no certificates that can be read", fix=fix)
    except OSError as error:
        return TlsError(f"The certificate file {path} cannot be read ({error.strerror})", fix=fix)
    return None


def tls_error(error: BaseException, host: str, environment: Mapping[str, str]) -> TlsError | None:
    """What a failed exchange says of the protection; ``None`` when it is not about that."""
    causes = list(_causes(error))
    if not any(isinstance(cause, ssl.SSLError) or _is_about_names(cause) for cause in causes):
        is_missing = any(isinstance(cause, OSError) and "TLS CA certificate bundle" in str(cause) for cause in causes)
        return bundle_problem(environment) if is_missing else None
    if problem := bundle_problem(environment):
        return problem
    refused = next((c for c in causes if isinstance(c, ssl.SSLCertVerificationError)), None)
    code: int | None = getattr(refused, "verify_code", None)
    if code in _OTHER_NAMES or any(_is_about_names(cause) for cause in causes):
        fix = "check the base URL and the proxy, or whether somebody stands in between"
        return TlsError(f"The certificate that answers for {host} is another name's", fix=fix)
    if code in (_EXPIRED, _NOT_YET_VALID):
        state = "has expired" if code == _EXPIRED else "is not valid yet"
        return TlsError(
            f"The certificate of {host} {state}",
            fix="check this computer's date and time; else it has to be renewed there",
        )
    if code == _REVOKED:
        return TlsError(f"The certificate of {host} was revoked", fix="check the base URL and the proxy")
    if refused is not None:
        fix = "behind a company proxy, point REQUESTS_CA_BUNDLE to its certificate file"
        reason = getattr(refused, "verify_message", None)
        return TlsError(f"The certificate of {host} is not trusted" + (f" ({reason})" if reason else ""), fix=fix)
    if any(word in str(cause) for cause in causes for word in _NO_TLS_WORDS):
        fix = "check the address of the service and of the proxy (http or https)"
        return TlsError(f"What answers for {host} does not speak https", fix=fix)
    fix = "check the proxy, and whether a virus scanner or firewall comes between"
    return TlsError(f"{host} and this computer found no protected connection", fix=fix)


def _is_about_names(cause: BaseException) -> bool:
    """Whether a certificate was compared with a host's name, and differed."""
    is_certificate = type(cause).__name__ in ("CertificateError", "SSLCertVerificationError")
    return is_certificate and any(word in str(cause) for word in _OTHER_NAME_WORDS)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it was made from, each once."""
    waiting, seen = [error], set[int]()
    while waiting:
        found = waiting.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        related = [*found.args, getattr(found, "reason", None), found.__cause__, found.__context__]
        waiting += [other for other in related if isinstance(other, BaseException)]
