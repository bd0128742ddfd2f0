# SPDX-License-Identifier: GPL-3.0-or-later
"""From a picture to a rendered mesh in one go: `python3 scripts/demo.py [IMAGE]`.

Makes its own environment with Blender in it, renders a picture when none is given, runs the real pipeline
with the command line, and renders the .blend that comes out. Everything lands in `out/`. Without credentials
in the environment a local stand-in takes the place of Scenario's service: it makes a relief of the picture.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import environments

MODEL_ID: Final = "model_hunyuan-3d-v2-1"
JOB_S: Final = 8.0
"""How long the stand-in takes for a mesh."""
WRONG_USAGE: Final = 2
INTERRUPTED: Final = 130


class StepFailedError(RuntimeError):
    """A step ended with an exit code other than 0, and has said why."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exit code {code}")
        self.code = code


def main(arguments: Sequence[str]) -> int:
    """Run the demo in its own environment; the exit code is that of the first step that failed."""
    parser = argparse.ArgumentParser(description="Turn a picture into a rendered mesh; the results are in out/.")
    parser.add_argument("image", nargs="?", type=Path, metavar="IMAGE", help="default: one that Blender renders")
    image = parser.parse_args(arguments).image
    if image and not image.is_file():
        print(f"demo: {image} is not a file: give the path of a picture.", file=sys.stderr)
        return WRONG_USAGE
    try:
        if (code := environments.elsewhere("demo", __file__, arguments)) is not None:
            return code
        _demonstrate(image, Path("out").absolute())
    except environments.SetupError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except StepFailedError as error:
        return error.code
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _demonstrate(image: Path | None, out: Path) -> None:
    out.mkdir(exist_ok=True)
    if image is None:
        image = out / "robot.png"
        _render("robot", image, saying="Rendering a picture to start from")
    with _service() as environment:
        mesh, blend = _generate(image.absolute(), out, environment)
    picture = blend.with_suffix(".png")
    if picture.exists():
        picture = picture.with_stem(f"{picture.stem}-mesh")
    _render("mesh", blend, picture, saying="Rendering the mesh")
    print("\nMade:")
    for made, path in (("picture", image), ("mesh", mesh), (".blend", blend), ("render", picture)):
        print(f"  {made:8} {path}")


@contextmanager
def _service() -> Iterator[dict[str, str]]:
    """The environment variables of Scenario's service where there are credentials, else of a stand-in."""
    if os.environ.get("SCENARIO_SDK_API_KEY") or os.environ.get("SCENARIO_API_KEY"):
        print("Using Scenario's service with the credentials of the environment.")
        yield dict(os.environ)
        return
    sys.path.insert(0, str(environments.ROOT))
    from tests.service import Service

    print("No credentials in the environment: a local stand-in takes the place of Scenario's service.")
    with Service(job_seconds=JOB_S) as service, tempfile.TemporaryDirectory() as state:
        yield {**os.environ, **service.environment, "SCENARIO_STATE_DIR": state, "NO_PROXY": "127.0.0.1"}


def _generate(image: Path, out: Path, environment: dict[str, str]) -> tuple[Path, Path]:
    """Price the mesh, then make it; gives the GLB and the .blend."""
    command = [sys.executable, "-m", "scenario_addon", "generate", str(image), "--model", MODEL_ID]
    _check(subprocess.run([*command, "--dry-run"], env=environment, cwd=environments.ROOT).returncode)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        options = ["--output", str(out), "--blend", "--report", str(report)]
        _check(subprocess.run([*command, *options], env=environment, cwd=environments.ROOT).returncode)
        (item,) = json.loads(report.read_text(encoding="utf-8"))["items"]
    return Path(item["glb"]), Path(item["blend"])


def _render(*arguments: str | Path, saying: str) -> None:
    """Run scripts/render.py; what it prints matters only when it fails."""
    script, started_s = Path(__file__).with_name("render.py"), time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen([sys.executable, script, *arguments], stdout=output, stderr=subprocess.STDOUT)
        while process.poll() is None:
            if sys.stdout.isatty():
                print(f"\r{saying} ... {time.monotonic() - started_s:.0f} s", end="", flush=True)
            time.sleep(0.2)
        print(
            f"{chr(13) if sys.stdout.isatty() else ''}{saying}: {time.monotonic() - started_s:.0f} s.",
            flush=True,
        )
        if process.returncode:
            output.seek(0)
            sys.stderr.write(output.read().decode(errors="replace"))
    _check(process.returncode)


def _check(code: int) -> None:
    if code:
        raise StepFailedError(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
