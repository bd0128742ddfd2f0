# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes to the service of a picture: its own bytes, or nothing at all and not a credit spent."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from scenario_addon.engine.pictures.orientation import orientation
from tests.engine.cli.shell import Shell
from tests.engine.picture_samples import encoded, write
from tests.engine.pictures.containers import chunk, exif, jpeg_with, png_chunks, png_of, png_with, segment, webp_with
from tests.engine.pictures.png_maker import Kind, make_png

SIZE = (160, 136)
EXIF = b"Exif\0\0" + exif(6)


def _drawn(mode: str = "RGB") -> Image.Image:
    """Two fields, so that it shows something."""
    picture = Image.new("RGBA", SIZE, "orange")
    picture.paste("navy", (20, 30, 90, 100))
    return picture.convert(mode)


def _saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def _spoiled(kind: bytes) -> bytes:
    """A PNG with a wrong checksum at one kind of chunk."""
    return png_of([chunk(*c, crc=1) if c[0] == kind else c for c in png_chunks(_saved(_drawn("P")))])


REFUSED = {
    "transparent everywhere": (_saved(Image.new("RGBA", SIZE)), "is transparent everywhere: choose a picture"),
    "transparent, with colours": (
        make_png(Kind(8, 6), (64, 64), lambda x, y: (x, y, 9, 0), filters=(1, 4)),
        "is transparent everywhere",
    ),
    "transparent by its palette": (
        make_png(Kind(4, 3), (64, 64), lambda x, y: (x % 2,), palette=bytes(48), transparency=bytes(2)),
        "is transparent everywhere",
    ),
    "of one colour": (_saved(Image.new("RGB", SIZE, "teal")), "is of one colour everywhere: choose a picture"),
    "of one grey, interlaced": (
        make_png(Kind(2, 0), (65, 63), lambda x, y: (2,), is_interlaced=True),
        "is of one colour everywhere",
    ),
    "pixels with a wrong checksum": (_spoiled(b"IDAT"), "is damaged (a checksum is wrong): save it again"),
    "a palette with a wrong checksum": (_spoiled(b"PLTE"), "is damaged (a checksum is wrong): save it again"),
    "pixels that end too early": (_saved(_drawn())[:-30], "is cut short or damaged: save it again"),
    "jpeg cut in its scan": (_saved(_drawn(), "JPEG")[:-200], "is cut short or damaged: save it again"),
    "jpeg without its end": (_saved(_drawn(), "JPEG")[:-2], "save it again, or run this in Blender"),
    "png without its end": (_saved(_drawn())[:-12], "save it again, or run this in Blender"),
    "turned png": (png_with(chunk(b"eXIf", exif(6)), data=_saved(_drawn())), "save it upright, or run this in Blender"),
    "turned webp": (webp_with(exif_data=exif(6)), "save it upright, or run this in Blender"),
    "turned tiff": (exif(6), "save it as PNG or JPEG, or run this in Blender"),
}
SENT = {
    "turned jpeg": jpeg_with(segment(0xE1, EXIF)),
    "turned jpeg with a film behind it": jpeg_with(segment(0xE1, EXIF)) + bytes(10_000),
    "png with bytes behind it": _saved(_drawn()) + b"more",
    "png with a plain edge": _saved(_drawn("P")),
    "png with a cut-out": _saved(_drawn("RGBA").rotate(30)),
    "jpeg that is nearly of one colour": encoded("JPEG", SIZE, quality=5),
}


def _uploaded(shell: Shell) -> list[bytes]:
    requests = [r for r in shell.service.requests if r.method == "POST" and r.path.endswith("/assets")]
    return [base64.b64decode(request.json()["image"]) for request in requests]


@pytest.mark.parametrize(("data", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_picture_that_nothing_can_come_of_is_refused_before_anything_is_sent(
    shell: Shell, data: bytes, sentence: str
) -> None:
    answer = shell.generate(write(shell.folder, data, "chair.png"))
    assert answer.code == 2, answer
    assert answer.err.startswith("scenario: chair.png is ")
    assert sentence in answer.err
    assert answer.err.endswith(".\n")
    assert (shell.uploads, shell.submissions, shell.service.charges, shell.jobs) == (0, [], [], [])


@pytest.mark.parametrize("data", SENT.values(), ids=SENT)
def test_a_picture_that_every_reader_understands_goes_as_it_is(shell: Shell, data: bytes) -> None:
    answer = shell.generate(write(shell.folder, data, "chair.img"))
    assert answer.code == 0, answer
    assert "converted" not in answer.err
    assert _uploaded(shell) == [data]
    assert len(shell.service.charges) == 1


@pytest.mark.parametrize("bad", [Image.new("RGBA", SIZE), Image.new("RGB", SIZE, "teal")], ids=["clear", "plain"])
def test_one_bad_picture_among_good_ones_is_named_and_nothing_is_sent(shell: Shell, bad: Image.Image) -> None:
    answer = shell.generate(shell.picture("a.png"), write(shell.folder, _saved(bad), "b.png"), shell.picture("c.png"))
    assert answer.code == 2
    assert "b.png is " in answer.err
    assert (shell.uploads, shell.service.charges) == (0, [])


def test_an_empty_view_is_refused_like_an_empty_front(shell: Shell) -> None:
    views = {"front": shell.picture(), "back": write(shell.folder, _saved(Image.new("L", SIZE)), "back.png")}
    given = [text for view, path in views.items() for text in ("--view", f"{view}={path}")]
    answer = shell("generate", *given, "--model", "model_hunyuan-3d-pro-3-1-multiview", "--output", shell.out)
    assert answer.code == 2
    assert "back.png is of one colour everywhere" in answer.err
    assert (shell.uploads, shell.service.charges) == (0, [])


def test_a_turned_jpeg_that_is_too_large_needs_blender(shell: Shell) -> None:
    tags = Image.Exif()
    tags[0x0112] = 6
    path = write(shell.folder, encoded("JPEG", (5200, 130), exif=tags), "phone.jpg")
    answer = shell("generate", path, "--model", "model_hunyuan-3d-pro-3-1-multiview", "--output", shell.out)
    assert answer.code == 2
    assert (
        "phone.jpg is 130 x 5200 px and the model takes 5000 px a side: make it smaller, or run this in" in answer.err
    )
    assert (shell.uploads, shell.service.charges) == (0, [])


def test_a_dry_run_refuses_what_a_real_one_would(shell: Shell) -> None:
    path = write(shell.folder, _saved(Image.new("RGBA", SIZE)), "chair.png")
    assert shell.generate(path, "--dry-run").code == 2


def test_what_was_sent_turned_is_still_turned(shell: Shell) -> None:
    assert shell.generate(write(shell.folder, SENT["turned jpeg"], "chair.jpg")).code == 0
    (sent,) = _uploaded(shell)
    assert orientation(io.BytesIO(sent)) == 6
