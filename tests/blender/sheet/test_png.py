# SPDX-License-Identifier: GPL-3.0-or-later
"""PNG files written in pieces."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from scenario_addon.blender.sheet.png import PngWriter


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("rows", [1, 7, 40])
def test_what_is_written_in_pieces_is_read_as_a_whole(rows: int, mode: str) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (40, 30, len(mode)), dtype=np.uint8)
    file = io.BytesIO()
    writer = PngWriter(file, 30, 40, has_alpha=mode == "RGBA", level=1)
    for start in range(0, 40, rows):
        writer.add(pixels[start : start + rows])
    writer.end()
    with Image.open(file) as picture:
        picture.load()
        assert picture.mode == mode
        assert (np.asarray(picture) == pixels).all()
