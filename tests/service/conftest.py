# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the stand-in share: a running service, pictures, and a plain HTTP client."""

from __future__ import annotations

import http.client
import io
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image, ImageDraw

from tests.service import Service


@pytest.fixture
def service() -> Iterator[Service]:
    """A running stand-in."""
    with Service() as running:
        yield running


@pytest.fixture
def chair() -> bytes:
    """A cut-out subject, as a PNG with alpha, wider than high."""
    return draw_picture((640, 480), ellipse=(40, 40, 600, 440), colour=(190, 90, 40, 255))


def draw_picture(
    size: tuple[int, int],
    *,
    ellipse: tuple[int, int, int, int] | None,
    colour: tuple[int, int, int, int] = (190, 90, 40, 255),
    ground: tuple[int, int, int] | None = None,
) -> bytes:
    """A PNG with a shaded ellipse on a transparent ground, or on a colour; without an ellipse, a plain filled one."""
    picture = Image.new("RGBA", size, ((*ground, 255) if ground else (0, 0, 0, 0)) if ellipse else colour)
    if ellipse:
        draw = ImageDraw.Draw(picture)
        draw.ellipse(ellipse, fill=colour)
        left, top, right, bottom = ellipse
        draw.ellipse((left + 80, top + 80, (left + right) // 2, (top + bottom) // 2), fill=(250, 240, 200, 255))
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def send(
    method: str, url: str, *, body: Any = None, auth: str | None = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """One request; gives status, headers and body.

    :param body: bytes as they are, anything else as JSON.
    :param auth: value of the Authorization header, ``None`` for none.
    """
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    sent = {**({"Authorization": auth} if auth else {}), **(headers or {})}
    try:
        connection.request(method, url.removeprefix(f"http://{parts.netloc}"), body=data, headers=sent)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()
