# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the pictures of the guide anew, in a real window, against the stand-in of the service.

    BLENDER=/path/to/blender python3 scripts/guide/pictures.py

Nothing is painted: a walk (tour.py) works in Blender as an artist would, and what is cut out of its screenshots is what
is drawn there. It needs ImageMagick's `import`, as the tests of windows do.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import environments

if TYPE_CHECKING:
    from PIL import Image

    from tests.profile import Profile

PICTURES: Final = Path(__file__).resolve().parent / "pictures"
TOUR: Final = "scripts.guide.tour:tour"
PATIENCE_S: Final = 900.0
COLOURS: Final = 256
"""So many are enough for an interface, and make a file a third as large."""
_NETWORK: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
"""What the pictures would tell of this computer's network."""
_MARGIN_PX: Final = 4
_SIDEBAR_PX: Final = 400
_EDGE_PX: Final = 12
_TABS_PX: Final = 40


def main(given: Sequence[str]) -> int:
    """Take them all, with the first Blender that BLENDER names."""
    first = os.environ.get("BLENDER", "").split(os.pathsep)[0]
    if given or not first:
        print("Usage: BLENDER=/path/to/blender python3 scripts/guide/pictures.py", file=sys.stderr)
        return 2
    try:
        if (code := environments.elsewhere("engine", __file__, given)) is not None:
            return code
        with tempfile.TemporaryDirectory(prefix="guide-") as folder:
            for path in _take(Path(first).absolute(), Path(folder)):
                print(f"{path.relative_to(environments.ROOT)} ({path.stat().st_size / 1e3:.0f} kB)")
    except (environments.SetupError, AssertionError, OSError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _take(blender: Path, folder: Path) -> list[Path]:
    """Install the extension into an empty profile, and go on the tour in it."""
    sys.path.insert(0, str(environments.ROOT))
    for variable in _NETWORK:
        os.environ.pop(variable, None)
    from tests.engine.colleague import Colleague
    from tests.gui.driver import SCREENSHOTS, WHOLE_SCREEN, Window
    from tests.gui.quick_service import QuickService

    picture = folder / "robot.png"
    render = [str(environments.ensure("demo")), str(environments.ROOT / "scripts/render.py"), "robot", str(picture)]
    subprocess.run(render, check=True, stdout=subprocess.DEVNULL)
    profile = _profile(blender, folder)
    service = QuickService()
    service.release()  # no job takes longer than asking for it
    with service:
        colleague = Colleague(service)
        for name, colour in (("Lamp.png", "#d0a020"), ("Chair.png", "#2a8a4a"), ("Teapot.png", "#8a2a4a")):
            colleague.make(colleague.send(name, colour=colour))
        arguments = {"picture": str(picture)}
        environment = service.environment
        with Window(
            profile, TOUR, environment=environment, arguments=arguments, size=WHOLE_SCREEN, as_it_is=True
        ) as window:
            boxes = window.result(timeout_s=PATIENCE_S)
        screenshots = SCREENSHOTS / f"{blender.name}-{TOUR.rpartition(':')[2]}"
        return [_cut(screenshots / f"{name}.png", box) for name, box in boxes.items()]


def _profile(blender: Path, folder: Path) -> Profile:
    from extension.zips import build, this_platform

    from tests.profile import Profile

    profile = Profile(blender, folder / "home")
    [archive] = build(folder, blender=blender, platforms=[this_platform()])
    profile.install(archive)
    return profile


def _cut(screenshot: Path, box: Sequence[int]) -> Path:
    """Keep a part of a screenshot: x, y, width, height from the window's lower left corner."""
    from PIL import Image

    with Image.open(screenshot) as whole:
        x, y, width, height = box
        margin = _MARGIN_PX if (width, height) != whole.size else 0
        top = whole.height - y - height
        part = whole.convert("RGB").crop(
            (
                max(0, x - margin),
                max(0, top - margin),
                min(whole.width, x + width + margin),
                min(whole.height, top + height + margin),
            )
        )
    if part.width <= _SIDEBAR_PX:
        part = part.crop((0, 0, part.width, min(part.height, _end_of_content(part) + _MARGIN_PX)))
    PICTURES.mkdir(exist_ok=True)
    path = PICTURES / screenshot.name
    part.quantize(COLOURS, dither=Image.Dither.FLOYDSTEINBERG).save(path, optimize=True)
    return path


def _end_of_content(part: Image.Image) -> int:
    """Find the row below which a sidebar is empty, but for its edge and its tabs."""
    inside = part.crop((_EDGE_PX, 0, part.width - _TABS_PX, part.height))
    rows = [inside.crop((0, y, inside.width, y + 1)).getcolors(2) for y in range(inside.height)]
    last = inside.height - _EDGE_PX - 1
    ground = rows[last]
    if ground is None or len(ground) > 1:  # it is full
        return part.height
    return next((y + 1 for y in range(last, 0, -1) if rows[y] != ground), part.height)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
