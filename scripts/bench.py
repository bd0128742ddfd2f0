# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures what people feel: stalls, waiting, ticks, redraws, memory, hostile files, pictures, throughput, start-up.

Fresh processes, medians. How the service is asked is simulated, on a clock of its own.

    python3 scripts/bench.py                                  everything, in the `bpy` modules
    python3 scripts/bench.py --blender /path/to/blender       and in the window of a whole Blender
    python3 scripts/bench.py --only stall --runs 5            one measurement, more runs
    python3 scripts/bench.py --only enabling --against HEAD~1 side by side with what was before
    python3 scripts/bench.py --json bench.json --plot bench.svg

The table goes to standard output, progress to standard error. The files to import are made once, in `.envs/bench`.
BLENDER may name executables, too, separated as in PATH.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import environments
from benchmarks.hostile import HOSTILE

__all__ = ["main"]

_NAMES: Final = (
    *("enabling", "ticks", "drawing", "arrival", "stall", "memory", "hostile", "pictures", "sending", "batch"),
    *("throughput", "starting", "asking"),
)
_MODULES: Final = ("bpy-4.2", "bpy-4.5", "bpy-5.0", "bpy-5.2")
_TRIANGLES: Final = (50_000, 200_000, 500_000, 1_000_000)
_JOBS: Final = (1, 8, 32)
_LISTED: Final = (50, 1_000)
_ARRIVING: Final = (40_000, 500_000)
_PICTURED: Final = 50_000
_SENT: Final = 300_000
_ITEMS: Final = (100, 1_000, 10_000)
_RECORDS_S: Final = (20.0, 1.0, 400.0)
_ASKED_S: Final = (12.0, 20.0, 47.0, 120.0, 300.0)


def main(arguments: Sequence[str]) -> int:
    """Run in the environment of the engine's tests, which has what the samples and the stand-in need."""
    options = _arguments(arguments)
    if (code := environments.elsewhere("engine", __file__, arguments)) is not None:
        return code
    sys.path.insert(0, str(environments.ROOT))
    from benchmarks.blenders import ProbeError, modules, windows
    from benchmarks.figures import Row, as_json, as_svg, as_table
    from benchmarks.measurements import MEASUREMENTS, Plan
    from benchmarks.revisions import checked_out
    from benchmarks.throughput import Load

    rows: list[Row] = []
    try:
        plan = Plan(
            modules(options.module or _MODULES),
            windows(options.blender or [path for path in os.environ.get("BLENDER", "").split(os.pathsep) if path]),
            runs=options.runs,
            triangles=tuple(options.triangles or _TRIANGLES),
            texture_px=options.texture_px,
            jobs=tuple(options.jobs or _JOBS),
            listed=tuple(options.listed or _LISTED),
            arriving=tuple(options.arriving or _ARRIVING),
            hostile=tuple(options.kind or HOSTILE),
            pictured=options.pictured,
            picture_px=options.picture_px,
            sent=options.sent,
            items=tuple(options.items or _ITEMS),
            load=Load(options.made, options.at_once, options.job_seconds),
            records=tuple(options.record or _RECORDS_S),
            asked=tuple(options.asked or _ASKED_S),
            simulated=options.simulated,
            against=checked_out(options.against) if options.against else None,
        )
        for name in options.only or _NAMES:
            rows += MEASUREMENTS[name](plan)
    except (ProbeError, environments.SetupError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(as_table(rows))
    for path, text in ((options.json, as_json(rows)), (options.plot, as_svg(rows))):
        if path:
            path.write_text(text, encoding="utf-8")
    return 0


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=_NAMES, help="this measurement (again for more)")
    parser.add_argument("--runs", type=int, default=3, help="of each figure, default: %(default)s")
    parser.add_argument("--blender", action="append", metavar="PATH", help="an executable (again for more)")
    parser.add_argument("--module", action="append", choices=_MODULES, help="this bpy module alone (again for more)")
    parser.add_argument("--triangles", type=int, action="append", metavar="N", help="of the files to import")
    parser.add_argument("--texture-px", type=int, default=4096, help="side of their maps, default: %(default)s")
    parser.add_argument("--jobs", type=int, action="append", metavar="N", help="under way during the ticks")
    parser.add_argument("--listed", type=int, action="append", metavar="N", help="results while the tab is drawn")
    parser.add_argument("--arriving", type=int, action="append", metavar="N", help="triangles of a job's mesh")
    parser.add_argument("--kind", action="append", choices=HOSTILE, help="of hostile file (again for more)")
    parser.add_argument("--pictured", type=int, default=_PICTURED, metavar="N", help="triangles of the object")
    parser.add_argument("--picture-px", type=int, default=1024, metavar="N", help="side of its pictures")
    parser.add_argument("--sent", type=int, default=_SENT, metavar="N", help="triangles of the mesh that goes out")
    parser.add_argument("--items", type=int, action="append", metavar="N", help="of a batch")
    parser.add_argument("--made", type=int, default=192, metavar="N", help="items of a batch that is timed")
    parser.add_argument("--at-once", type=int, default=32, metavar="N", help="of those, default: %(default)s")
    parser.add_argument("--job-seconds", type=float, default=20.0, metavar="S", help="that each takes at the service")
    parser.add_argument("--record", type=float, action="append", metavar="S", help="that a model's record says there")
    parser.add_argument("--asked", type=float, action="append", metavar="S", help="of jobs whose asking is simulated")
    parser.add_argument("--simulated", type=int, default=400, metavar="N", help="jobs, default: %(default)s")
    parser.add_argument("--against", metavar="REV", help="enable the add-on as it was at this revision, too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all values")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="write an SVG")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
