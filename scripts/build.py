# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the extension's zips, with the wheels that they need, by Blender's own builder, and an index of them.

    python3 scripts/build.py                          for every platform, dist/scenario_addon-VERSION-PLATFORM.zip
    python3 scripts/build.py --platform windows-x64   for one; give it again for several
    python3 scripts/build.py --lock                   pin the wheels of pyproject.toml anew, and build nothing

dist/index.json beside the zips makes the folder a repository: put it on a web server as it is, and give Blender the
address of index.json. A whole Blender builds where --blender or BLENDER names one, the builder inside the `bpy` module
otherwise. The same sources give the same bytes wherever zlib is the same.
"""

import argparse
import os
import sys
from pathlib import Path

from environments import ROOT, SetupError
from extension.wheels import LOCK, PLATFORMS, lock
from extension.zips import BuildError, build, index

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Build as the command line says."""
    parser = argparse.ArgumentParser(description="Build the extension's zips and an index of them.")
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="the folder (default: dist)")
    parser.add_argument("--blender", type=Path, help="a Blender executable (default: the first in BLENDER)")
    parser.add_argument("--platform", action="append", choices=sorted(PLATFORMS), default=[], help="default: all")
    parser.add_argument("--lock", action="store_true", help="write the hashes of the wheels anew, and build nothing")
    chosen = parser.parse_args(arguments)
    first = os.environ.get("BLENDER", "").split(os.pathsep)[0]
    blender = chosen.blender or (Path(first) if first else None)
    try:
        if chosen.lock:
            lock()
            print(LOCK)
            return 0
        archives = build(chosen.output, blender=blender, platforms=chosen.platform)
        listing = index(archives, blender=blender)
    except (BuildError, SetupError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    for archive in archives:
        print(f"{archive} ({archive.stat().st_size / 1e6:.1f} MB)")
    print(listing)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
