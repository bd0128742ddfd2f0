# SPDX-License-Identifier: GPL-3.0-or-later
"""Cutting subjects out of plain grounds, against masks that are known; and refusing what nobody could be sure of."""

import io
import math
import time
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from scenario_addon.blender.picture.subject.cutting import cut

pytestmark = pytest.mark.plain

SIDE_PX = 512
FINE = 4
"""How many times finer masks are drawn."""
Draw = Callable[[ImageDraw.ImageDraw, int], object]


def drawn(draw: Draw, side_px: int = SIDE_PX) -> np.ndarray:
    """Alpha in 0 to 1 of what is drawn on a finer plane, whose side is given."""
    image = Image.new("L", (side_px * FINE,) * 2)
    draw(ImageDraw.Draw(image), side_px * FINE)
    return np.asarray(image.resize((side_px,) * 2, Image.Resampling.BOX), dtype=np.float32) / 255.0


def figure(d: ImageDraw.ImageDraw, n: int) -> None:
    """A body with a head and two legs."""
    d.ellipse([n * 0.4, n * 0.1, n * 0.6, n * 0.3], fill=255)
    d.rounded_rectangle([n * 0.3, n * 0.3, n * 0.7, n * 0.65], n * 0.05, fill=255)
    d.polygon([(n * x, n * y) for x, y in ((0.33, 0.6), (0.45, 0.6), (0.38, 0.92))], fill=255)
    d.polygon([(n * x, n * y) for x, y in ((0.55, 0.6), (0.67, 0.6), (0.66, 0.92))], fill=255)


def ring(d: ImageDraw.ImageDraw, n: int) -> None:
    d.ellipse([n * 0.2, n * 0.2, n * 0.8, n * 0.8], fill=255)
    d.ellipse([n * 0.35, n * 0.35, n * 0.65, n * 0.65], fill=0)


def at_the_edge(d: ImageDraw.ImageDraw, n: int) -> None:
    d.rectangle([n * 0.3, n * 0.4, n * 0.65, n], fill=255)
    d.ellipse([n * 0.35, n * 0.15, n * 0.6, n * 0.45], fill=255)


def hair(d: ImageDraw.ImageDraw, n: int) -> None:
    """A ball with hairs of one pixel and a half."""
    d.ellipse([n * 0.35, n * 0.35, n * 0.65, n * 0.65], fill=255)
    for number in range(24):
        x, y = math.cos(number * math.tau / 24 + 0.05), math.sin(number * math.tau / 24 + 0.05)
        d.line([n * (0.5 + 0.1 * x), n * (0.5 + 0.1 * y), n * (0.5 + 0.4 * x), n * (0.5 + 0.4 * y)], 255, FINE + 2)


def checks(colours: tuple[tuple[int, int, int], ...], side_px: int = SIDE_PX) -> np.ndarray:
    """A subject of several colours, in cells of 24 px, shaded a little."""
    y, x = np.mgrid[0:side_px, 0:side_px]
    cells = np.asarray(colours, dtype=np.float32)[(x // 24 + y // 24) % len(colours)]
    return cells * (1.0 - 0.15 * (y / side_px))[..., None]


def plain(colour: tuple[int, int, int], side_px: int = SIDE_PX) -> np.ndarray:
    return np.full((side_px, side_px, 3), colour, dtype=np.float32)


def backdrop(low: int, high: int, side_px: int = SIDE_PX) -> np.ndarray:
    """A grey studio: brighter in the middle of its upper half, darker at the corners."""
    y, x = np.mgrid[0:side_px, 0:side_px] / side_px
    light = np.exp(-(((x - 0.5) / 0.7) ** 2) - ((y - 0.35) / 0.8) ** 2)
    return np.repeat((low + (high - low) * light)[..., None], 3, axis=2).astype(np.float32)


def sweep() -> np.ndarray:
    """A studio's dark floor that rises into a bright wall."""
    y = np.indices((SIDE_PX,) * 2)[0] / SIDE_PX
    return np.repeat((150 + 80 * np.tanh((0.6 - y) * 6))[..., None], 3, axis=2)


def laid(alpha: np.ndarray, subject: np.ndarray, ground: np.ndarray, *, noise: float = 0.0) -> np.ndarray:
    """RGB bytes of a subject on a ground."""
    mixed = subject * alpha[..., None] + ground * (1.0 - alpha[..., None])
    mixed = mixed + np.random.default_rng(3).normal(0.0, noise, mixed.shape) if noise else mixed
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


def as_jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def cut_out(picture: np.ndarray) -> np.ndarray | None:
    return cut(np.dstack([picture / 255.0, np.ones(picture.shape[:2])]).astype(np.float32))


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two alphas."""
    return float(np.minimum(one, other).sum() / np.maximum(one, other).sum())


RED_AND_BLUE = ((190, 50, 40), (40, 60, 160))
MANY = ((200, 60, 40), (230, 200, 60), (30, 30, 35), (110, 160, 90))
PALE = ((225, 215, 190), (190, 205, 220))
GOOD = {
    "white": (figure, RED_AND_BLUE, plain((255, 255, 255)), 0.0),
    "black": (figure, RED_AND_BLUE, plain((0, 0, 0)), 0.0),
    "coloured": (figure, RED_AND_BLUE, plain((60, 170, 90)), 0.0),
    "many colours": (figure, MANY, plain((250, 250, 250)), 0.0),
    "pale on white": (figure, PALE, plain((255, 255, 255)), 0.0),
    "noise": (figure, RED_AND_BLUE, plain((200, 200, 200)), 3.0),
    "backdrop": (figure, RED_AND_BLUE, backdrop(90, 210), 0.0),
    "backdrop with noise": (figure, RED_AND_BLUE, backdrop(60, 235), 2.0),
    "floor that rises into a wall": (figure, RED_AND_BLUE, sweep(), 1.0),
    "at the edge": (at_the_edge, RED_AND_BLUE, plain((255, 255, 255)), 0.0),
    "at the edge of a backdrop": (at_the_edge, RED_AND_BLUE, backdrop(110, 200), 1.0),
    "ring": (ring, RED_AND_BLUE, plain((255, 255, 255)), 0.0),
    "ring on a backdrop": (ring, RED_AND_BLUE, backdrop(120, 230), 1.0),
    "hair": (hair, ((60, 40, 30),), plain((255, 255, 255)), 0.0),
    "hair on a backdrop": (hair, ((40, 30, 30),), backdrop(120, 230), 0.0),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_subject_on_a_plain_ground_is_cut_out_to_the_part_of_a_pixel(name: str) -> None:
    shape, colours, ground, noise = GOOD[name]
    alpha = drawn(shape)
    result = cut_out(laid(alpha, checks(colours), ground, noise=noise))
    assert result is not None
    assert overlap(result[..., 3], alpha) > 0.98
    assert not result[alpha == 0.0].any() or noise


@pytest.mark.parametrize("quality", [95, 85, 70])
def test_what_jpeg_adds_around_a_subject_is_no_part_of_it(quality: int) -> None:
    alpha = drawn(figure)
    result = cut_out(as_jpeg(laid(alpha, checks(MANY), plain((255, 255, 255))), quality))
    assert result is not None
    assert overlap(result[..., 3], alpha) > 0.98


def test_the_edge_has_the_subjects_colour_and_none_of_the_grounds() -> None:
    alpha = drawn(figure)
    result = cut_out(laid(alpha, plain((180, 30, 30)), plain((0, 255, 0))))
    assert result is not None
    edge = (alpha > 0.2) & (alpha < 0.8)
    assert edge.sum() > 500
    wrong = np.abs(result[edge][:, :3] * 255 - (180, 30, 30)).max(axis=1)
    assert np.quantile(wrong, 0.95) < 8, "but for the tips of the feet"
    assert np.quantile(np.abs(result[edge][:, 3] - alpha[edge]), 0.95) < 0.03


@pytest.mark.parametrize("radius_px", [1.0, 2.0, 3.0])
def test_an_edge_out_of_focus_is_soft(radius_px: float) -> None:
    image = Image.fromarray((drawn(figure) * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(radius_px))
    alpha = np.asarray(image, dtype=np.float32) / 255.0
    result = cut_out(laid(alpha, plain((60, 40, 120)), plain((255, 255, 255))))
    assert result is not None
    assert overlap(result[..., 3], alpha) > 0.98


def test_small_marks_of_the_grounds_colour_inside_the_subject_stay() -> None:
    subject = plain((180, 40, 40))
    subject[200:210, 250:256] = 255  # the white of an eye
    result = cut_out(laid(drawn(figure), subject, plain((255, 255, 255))))
    assert result is not None
    assert (result[200:210, 250:256, 3] == 1.0).all()


def shaded_ball(level: int) -> np.ndarray:
    """A white ball, lit from above, on white."""
    y, x = np.mgrid[0:SIDE_PX, 0:SIDE_PX] / SIDE_PX - 0.5
    depth = np.sqrt(np.clip(0.3**2 - x**2 - y**2, 0.0, None)) / 0.3
    shade = np.clip(0.75 + 0.4 * (depth * 0.6 - y * 1.5), 0.0, 1.0) * 255
    return np.where((x**2 + y**2 < 0.3**2)[..., None], shade[..., None], float(level)).repeat(3, axis=2)[..., :3]


def photograph() -> np.ndarray:
    """Spots of all sizes in all colours."""
    rng, total = np.random.default_rng(5), np.zeros((SIDE_PX, SIDE_PX, 3))
    for cells in (4, 8, 16, 32, 64, 128):
        spots = Image.fromarray(rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8))
        total += np.asarray(spots.resize((SIDE_PX,) * 2, Image.Resampling.BICUBIC), dtype=float) / math.sqrt(cells)
    return ((total - total.min()) / np.ptp(total) * 255).astype(np.uint8)


def faded() -> np.ndarray:
    """A subject that turns into the ground on one side."""
    y, x = np.mgrid[0:SIDE_PX, 0:SIDE_PX] / SIDE_PX
    strength = np.clip((0.75 - x) / 0.5, 0.0, 1.0) * ((y > 0.25) & (y < 0.75) & (x > 0.2))
    return laid(strength.astype(np.float32), plain((40, 60, 120)), plain((245, 245, 245)))


DOUBTFUL = {
    "noise": lambda: np.random.default_rng(1).integers(0, 256, (SIDE_PX, SIDE_PX, 3), dtype=np.uint8),
    "photograph": photograph,
    "photograph behind": lambda: laid(drawn(figure), plain((200, 30, 30)), photograph().astype(np.float32)),
    "white on white": lambda: laid(drawn(figure), plain((255, 255, 255)), plain((255, 255, 255))),
    "nearly white on white": lambda: laid(drawn(figure), plain((251, 251, 250)), plain((255, 255, 255)), noise=2.0),
    "shaded white on white": lambda: shaded_ball(255).astype(np.uint8),
    "faded": faded,
    "nothing": lambda: plain((80, 90, 100)).astype(np.uint8),
    "everything": lambda: laid(drawn(lambda d, n: d.rectangle([6, 6, n, n], 255)), checks(MANY), plain((9, 9, 9))),
    "stripes": lambda: laid((np.indices((SIDE_PX,) * 2)[0] // 16 % 2).astype(float), checks(MANY), plain((9, 9, 9))),
    "tiny": lambda: np.zeros((4, 4, 3), dtype=np.uint8),
}


@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_nobody_could_be_sure_of_is_not_cut(name: str) -> None:
    assert cut_out(DOUBTFUL[name]()) is None


def test_the_same_picture_gives_the_same_pixels_and_stays_as_it_is() -> None:
    picture = laid(drawn(figure), checks(MANY), backdrop(90, 210), noise=1.0)
    pixels = np.dstack([picture / 255.0, np.ones(picture.shape[:2])]).astype(np.float32)
    before = pixels.copy()
    first, second = cut(pixels), cut(pixels)
    assert first is not None and second is not None
    assert first.tobytes() == second.tobytes()
    assert (pixels == before).all()


def test_a_large_picture_takes_about_a_second() -> None:
    alpha = drawn(figure, 2048)
    picture = laid(alpha, checks(MANY, 2048), backdrop(90, 210, 2048), noise=1.0)
    pixels = np.dstack([picture / 255.0, np.ones(picture.shape[:2])]).astype(np.float32)
    start_s = time.process_time()
    result = cut(pixels)
    took_s = time.process_time() - start_s
    assert result is not None
    assert overlap(result[..., 3], alpha) > 0.98
    print(f"{took_s:.2f} s")
    assert took_s < 4.0  # of processor time, on a machine that does other things
