# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of the command line: one parser for every way in."""

from __future__ import annotations

import argparse
import math
import os
import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final, NoReturn

from ... import __version__
from ..inputs.seeding import MOST_SEEDS
from ..inputs.shard import ALL, Shard
from ..manifests.manifest import EXAMPLES
from ..models.catalogue import DEFAULT_MODEL_ID
from ..settings import amount_cu
from ..values import VIEWS
from .call import UsageError
from .generate import batch, fetch, generate, resume
from .making import MOST_AT_ONCE
from .show import account, doctor, jobs, models, report

__all__ = ["parse"]

_TIMEOUT_MIN: Final = 60.0
_FEWEST_TRIANGLES: Final = 4
"""A solid cannot have fewer."""
_MOST_LODS: Final = 6
"""As in the panel: the last has 1/64 of the triangles."""
_IMAGE: Final = (
    "PNG, JPEG or WebP, in Blender any picture; a folder with its subfolders, or a quoted pattern such as "
    '"renders/**/*.png", in the order of the names, view2 before view10'
)
_MESH: Final = (
    "have a model change a mesh: a GLB or glTF, or an OBJ or FBX where the model takes it; or what a job brought, by "
    "its id as `jobs` lists it, by the beginning of that, or by the service's: the service has it already"
)
_KINDS: Final = ", ".join(EXAMPLES)
_ANEW: Final = "What the same command wrote there before is written anew, anything else is never overwritten"
_BLEND_ALL: Final = (
    f"write all meshes into one new .blend, at the end: each fills the place of its source, or stands in a row. {_ANEW}"
)
_SHEET: Final = (
    "draw a contact sheet, a PNG, at the end: each picture, and beside it what was made of it, with model, seed, "
    f"price, time and triangles. {_ANEW}. Needs Blender, and renders previews as --preview does"
)
_LIBRARY: Final = (
    "add each mesh to this folder, at the end, as an asset for the Asset Browser: a .blend with catalogue, tags, "
    "preview, and the prompt, model, parameters and job that it came from. What is there stays. Needs Blender, and "
    "renders previews as --preview does"
)
_SHARD: Final = "make only every N-th picture, object or row, from the K-th on, by each model and with each seed"
_PER_DAY: Final = "what everything may cost from midnight to midnight; default: SCENARIO_MAX_COST_PER_DAY"


class _Parser(argparse.ArgumentParser):
    """Complains in one sentence."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help).")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:  # only the subcommands have choices
            *names, last = action.choices
            raise UsageError(f"{value} is not a subcommand: use {', '.join(names)} or {last}.")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the arguments.

    :raises UsageError: in one sentence.
    """
    for text in argv:
        try:
            text.encode()
        except UnicodeEncodeError:
            raise UsageError(f"{text!a} is not a name in UTF-8: rename the file.") from None
    args, others = _parser().parse_known_args(argv)
    if others:  # what stands behind the options: argparse takes only what stands before them
        is_manifest = "manifest" in args and args.manifest is None and len(others) == 1
        if not ("image" in args or is_manifest) or any(text.startswith("-") for text in others):
            raise UsageError(f"{' '.join(others)} cannot be used here: see the subcommand's --help.")
        if is_manifest:
            args.manifest = Path(others[0])
        else:
            args.image += others
    return args


@cache
def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="scenario", description="Turn pictures into meshes with Scenario.")
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--verbose", action="store_true", help="say what is sent, without credentials")
    commands = parser.add_subparsers(metavar="SUBCOMMAND", required=True)

    _add_generate(commands.add_parser("generate", help="one mesh from each picture"))
    _add_batch(commands.add_parser("batch", help="one mesh from each row of a manifest"))

    _add_report(commands.add_parser("report", help="several reports as one"))

    show = commands.add_parser("models", help="the 3D models, or those that give pictures, or one model's parameters")
    show.add_argument("id", nargs="?", metavar="ID")
    show.add_argument("--pictures", action="store_true", help="instead of 3D models those that give a picture")
    show.add_argument("--json", action="store_true")
    show.set_defaults(run=models)

    owner = commands.add_parser("account", help="whose the key is, what is left, and what was spent from here")
    owner.add_argument("--json", action="store_true")
    owner.set_defaults(run=account)

    ledger = commands.add_parser("jobs", help="what was asked for, and what became of it")
    ledger.add_argument("--json", action="store_true")
    ledger.add_argument(
        "--remote", action="store_true", help="the service's recent 3D jobs instead, whoever started them"
    )
    ledger.set_defaults(run=jobs)

    _add_fetch(commands.add_parser("fetch", help="what was made elsewhere, as files, for nothing"))
    _add_resume(commands.add_parser("resume", help="carry every unfinished job on to its end"))

    check = commands.add_parser("doctor", help="find out what does not work, and how to mend it")
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=doctor)
    return parser


def _add_generate(make: argparse.ArgumentParser) -> None:
    make.add_argument("image", nargs="*", metavar="IMAGE", help=_IMAGE)
    make.add_argument(
        "--from-blend",
        type=Path,
        metavar="FILE",
        help="instead of IMAGE: a .blend, of which pictures are taken; it is only read. Needs Blender",
    )
    for option, what in (
        ("--object", "make a mesh from pictures of this object alone; its front is where its own -Y points to"),
        ("--collection", "make a mesh from pictures of all in this collection; its front is the world's -Y"),
    ):
        make.add_argument(option, nargs="+", action="extend", default=[], metavar="NAME", help=what)
    make.add_argument(
        "--sides",
        metavar="SIDE,...",
        help=f"from where pictures are taken, of {', '.join(VIEWS)}: left is the subject's own left. Default: front, "
        "left, right and back for a model that takes them without loss, else front",
    )
    make.add_argument("--mesh", metavar="FILE_OR_JOB", help=_MESH)
    _add_options(make)
    make.set_defaults(run=generate)


def _add_batch(make: argparse.ArgumentParser) -> None:
    make.add_argument("manifest", nargs="?", type=Path, metavar="MANIFEST", help=f"a file that ends in {_KINDS}")
    make.add_argument("--example", type=_kind, metavar="KIND", help=f"print a manifest to begin with: {_KINDS}")
    make.add_argument("--skip-bad", action="store_true", help="go on without the rows that cannot be made")
    _add_options(make)
    make.set_defaults(run=batch)


def _add_report(several: argparse.ArgumentParser) -> None:
    several.add_argument(
        "--merge", nargs="+", required=True, metavar="FILE", help="reports, or a quoted pattern of some"
    )
    several.add_argument("--output", type=Path, required=True, metavar="FILE", help="ends in .json or .csv")
    several.set_defaults(run=report)


def _add_resume(carry: argparse.ArgumentParser) -> None:
    carry.add_argument("--max-cost", type=_cost, metavar="CU", help="what is not paid for yet may cost so much")
    carry.add_argument("--max-cost-per-day", type=_cost, metavar="CU", help=_PER_DAY)
    _add_timeout(carry)
    carry.add_argument("--output", type=_folder, metavar="DIR", help="where files go that are not here yet")
    carry.add_argument("--blend-all", type=Path, metavar="FILE", help=f"of what is carried on: {_BLEND_ALL}")
    carry.add_argument("--library", type=Path, metavar="DIR", help=f"of what is carried on: {_LIBRARY}")
    carry.add_argument("--sheet", type=Path, metavar="FILE", help=f"of what is carried on: {_SHEET}")
    _add_looks(carry)
    carry.add_argument(
        "--submit-again",
        metavar="JOB",
        help="order a job again that was ordered but never answered: it may cost a second time",
    )
    carry.set_defaults(run=resume)


def _add_fetch(bring: argparse.ArgumentParser) -> None:
    bring.add_argument(
        "id",
        nargs="+",
        metavar="ID",
        help="of a job or a mesh as the service has it, see `jobs --remote`; or of a job as `jobs` lists it, or the "
        "beginning of that",
    )
    bring.add_argument("--output", type=_folder, required=True, metavar="DIR", help="where the files go")
    bring.add_argument("--blend", action="store_true", help="write a .blend beside each mesh")
    _add_timeout(bring)
    bring.set_defaults(run=fetch)


def _add_options(make: argparse.ArgumentParser) -> None:
    make.add_argument(
        "--model",
        action="append",
        metavar="ID",
        help=f"of several, each makes a mesh, or a picture where it gives one; default: {DEFAULT_MODEL_ID}",
    )
    make.add_argument("--view", action="append", default=[], metavar="NAME=PATH", help=f"one of {', '.join(VIEWS)}")
    make.add_argument("--prompt", metavar="TEXT", help="what to make, for models that take words")
    make.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="any parameter of the model")
    make.add_argument(
        "--seeds",
        type=_seeds,
        metavar="N",
        help=f"make each N times, at most {MOST_SEEDS}, with seeds counted up from the parameter seed, or else from "
        "one that the same order always gets; names end with -seed and the number",
    )
    make.add_argument("--output", type=_folder, default=Path(), metavar="DIR", help="default: the current folder")
    make.add_argument("--blend", action="store_true", help="write a .blend beside each mesh")
    make.add_argument("--blend-all", type=Path, metavar="FILE", help=_BLEND_ALL)
    make.add_argument("--library", type=Path, metavar="DIR", help=_LIBRARY)
    make.add_argument("--sheet", type=Path, metavar="FILE", help=_SHEET)
    _add_looks(make)
    make.add_argument("--jobs", type=_count, metavar="N", help="at once, default: as many as the account may have")
    _add_timeout(make)
    make.add_argument("--max-cost", type=_cost, metavar="CU", help="what all of it may cost, in Compute Units (CU)")
    make.add_argument("--max-cost-per-day", type=_cost, metavar="CU", help=_PER_DAY)
    make.add_argument("--dry-run", action="store_true", help="say what it would cost, and do nothing")
    make.add_argument("--report", type=Path, metavar="FILE", help="write what became of each item, JSON or .csv")
    make.add_argument("--log", type=Path, metavar="FILE", help="append a line of JSON for each event")
    make.add_argument("--again", action="store_true", help="order anew, whatever an earlier run has ordered or made")
    make.add_argument("--resume", action="store_true", help="the default: go on with an earlier run, pay nothing twice")
    make.add_argument("--shard", type=_shard, default=ALL, metavar="K/N", help=_SHARD)


def _add_looks(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--triangles",
        type=_triangles,
        metavar="N",
        help="show at most N triangles of each mesh in a .blend: UVs and shading are kept, and the mesh as delivered "
        "stays in a hidden collection under its own",
    )
    command.add_argument(
        "--lods",
        type=_lods,
        metavar="N",
        help=f"further levels of detail in a .blend, up to {_MOST_LODS}, each with half of the triangles of the one "
        "before, in a hidden collection under the mesh's own",
    )
    command.add_argument(
        "--clean",
        action="store_true",
        help="clean each mesh in a .blend: loose pieces are removed, holes closed, faces turned outward; the mesh as "
        "delivered stays in a hidden collection under its own, and in the GLB",
    )
    command.add_argument(
        "--preview", action="store_true", help="render a picture of each mesh, DIR/<name>-preview.png. Needs Blender"
    )


def _add_timeout(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--timeout",
        type=_minutes,
        default=_TIMEOUT_MIN,
        metavar="MINUTES",
        help="for each item, what takes longer is left to the service for the next run; default: %(default)g",
    )


def _count(text: str, *, most: int = MOST_AT_ONCE) -> int:
    if text not in map(str, range(1, most + 1)):
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 to {most}")
    return int(text)


def _seeds(text: str) -> int:
    return _count(text, most=MOST_SEEDS)


def _lods(text: str) -> int:
    return _count(text, most=_MOST_LODS)


def _triangles(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < _FEWEST_TRIANGLES:
        raise argparse.ArgumentTypeError(f"{text} is not a number of triangles from {_FEWEST_TRIANGLES} on")
    return int(text)


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = math.nan
    if not 0 < minutes < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number of minutes above 0")
    return minutes


def _cost(text: str) -> Decimal:
    cost_cu = amount_cu(text)
    if cost_cu is None:
        raise argparse.ArgumentTypeError(f"{text} is not a number of Compute Units (CU)")
    return cost_cu


def _folder(text: str) -> Path:
    """Refuse what Blender reads as beside the .blend, and Windows as on a network, where it is neither."""
    if text.startswith("//") and os.name != "nt":
        raise argparse.ArgumentTypeError(f"{text} is beside no .blend here: give a folder such as {text[2:] or '.'}")
    return Path(text)


def _kind(text: str) -> str:
    if text not in EXAMPLES:
        raise argparse.ArgumentTypeError(f"{text} is no kind of manifest: use {_KINDS}")
    return text


def _shard(text: str) -> Shard:
    found = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text)
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise argparse.ArgumentTypeError(f"{text} is not a shard: write it as K/N, with K from 1 to N")
    return Shard(int(found[1]), int(found[2]))
