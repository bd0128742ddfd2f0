# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed addresses on the file host: made, checked, and expired all at once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from urllib.parse import urlencode

__all__ = ["Signer"]


class Signer:
    """Signs addresses with a key pair that can be retired.

    :param lifetime_s: how long a signature holds.
    """

    def __init__(self, *, lifetime_s: float) -> None:
        self._lifetime_s = lifetime_s
        self._rotate()

    def _rotate(self) -> None:
        self._key_id, self._secret = "K" + secrets.token_hex(6).upper(), secrets.token_bytes(32)

    expire_all = _rotate
    """Retire the key pair: every address signed so far is refused."""

    def sign(self, base_url: str, path: str, **query: str) -> str:
        """The address of ``path``, signed in the query in the manner of a CloudFront custom policy."""
        expires_s = int(time.time() + self._lifetime_s)
        statement = {
            "Resource": f"{base_url}{path}",
            "Condition": {"DateLessThan": {"AWS:EpochTime": expires_s}},
        }
        policy = base64.b64encode(json.dumps({"Statement": [statement]}).encode()).decode()
        query["Policy"] = policy.translate(str.maketrans("+=/", "-_~"))
        query["Key-Pair-Id"] = self._key_id
        return f"{base_url}{path}?{urlencode(query)}&Signature={self._signature(path, query)}"

    def accepts(self, path: str, query: dict[str, str]) -> bool:
        """Whether the signature is ours, untouched and not expired."""
        unsigned = {name: value for name, value in query.items() if name != "Signature"}
        expected = self._signature(path, unsigned)
        if not hmac.compare_digest(expected, query.get("Signature", "")):
            return False
        policy = base64.b64decode(unsigned["Policy"].translate(str.maketrans("-_~", "+=/")))
        expires_s: int = json.loads(policy)["Statement"][0]["Condition"]["DateLessThan"]["AWS:EpochTime"]
        return time.time() < expires_s

    def _signature(self, path: str, query: dict[str, str]) -> str:
        message = f"{path}?{urlencode(sorted(query.items()))}".encode()
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()
