# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the orders of a command come from: pictures, folders, patterns, views, words, a manifest."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from ..batch.estimate import pictures_for_prices
from ..host import Named
from ..inputs.blends import Wanted, check_blend
from ..inputs.checking import Checker, Common
from ..inputs.folders import Finder, Found
from ..inputs.meshes import MeshFinder
from ..inputs.pictures import check_pictures
from ..inputs.rows import check_manifest
from ..inputs.stock import Stock
from ..models.catalogue import DEFAULT_MODEL_ID, Catalogue
from ..models.model import Model
from ..pictures.file import is_picture
from ..pipeline.connection import Connection
from ..values import VIEWS, Order
from .call import BLENDER, Call, UsageError
from .extras import mesh_option

__all__ = ["Fill", "check_offline", "checker", "from_blend", "from_manifest", "from_pictures"]

_TELL_S: Final = 10.0
"""How often it is said how far a check is."""

Fill = Callable[[Checker, Stock, Connection | None], int]
"""Puts what is to be made into the stock, once it is checked; gives how many cannot be made and are left out.

There is no connection where it is only checked."""


def from_pictures(call: Call) -> Fill:
    """What the pictures, views and words of the command line ask for.

    :raises InputError: they are not what can be asked for.
    """
    args, common = call.args, _common(call.args)
    pictures = _pictures(call)
    if common.views and len(pictures) > 1:
        raise UsageError("--view makes one mesh from several pictures: give at most one IMAGE beside it, the front.")
    if args.mesh is not None and not args.model:
        raise UsageError("--mesh is changed by a model of your choice: add --model ID; `models` lists them.")
    if not pictures and not common.views and not args.prompt and args.mesh is None:
        raise UsageError("give a picture, --view NAME=PATH, --mesh FILE_OR_JOB, or --prompt TEXT.")

    def fill(checker: Checker, stock: Stock, _: Connection | None) -> int:
        check_pictures(pictures, common, checker, stock, shard=args.shard)
        return 0

    return fill


def from_blend(call: Call) -> Fill:
    """What the objects and collections ask for that the command line names.

    :raises InputError: they are not what can be asked for.
    """
    args, common, host = call.args, _common(call.args), call.host
    if host is None:
        raise UsageError(f"--from-blend needs {BLENDER}.")
    if args.image or args.view:
        raise UsageError("--from-blend takes the pictures itself: leave out IMAGE and --view.")
    if args.mesh is not None:
        raise UsageError("--from-blend takes pictures of what is in it, and --mesh changes a mesh: give one of them.")
    named = [*map(Named, args.object), *(Named(name, is_collection=True) for name in args.collection)]
    wanted = Wanted(blend=args.from_blend, named=list(dict.fromkeys(named)), sides=_sides(args.sides))

    def fill(checker: Checker, stock: Stock, connection: Connection | None) -> int:
        needs_pictures = _always
        if args.dry_run and connection is not None:
            needs_pictures = pictures_for_prices(connection, again=args.again)
        check_blend(
            wanted,
            common,
            checker,
            stock,
            host,
            tell=call.progress.line,
            needs_pictures=needs_pictures,
            shard=args.shard,
        )
        return 0

    return fill


def _always(_: Order) -> bool:
    return True


def _sides(text: str | None) -> list[str]:
    """The sides that are named; none where nobody has chosen any.

    :raises UsageError: it is empty.
    """
    if text is None:
        return []
    sides = [side.strip() for side in text.split(",")]
    if not all(sides):
        raise UsageError(f"--sides {text}: write it as front,left,back,right, of {', '.join(VIEWS)}.")
    return sides


def from_manifest(call: Call) -> Fill:
    """What the rows of a manifest ask for.

    :raises InputError: the command line says something that no row can have.
    """
    args, common = call.args, _common(call.args)
    path: Path = args.manifest

    def fill(checker: Checker, stock: Stock, _: Connection | None) -> int:
        findings = check_manifest(path, common, checker, stock, shard=args.shard, seen=_now_and_then(call, path))
        for text in findings.told:
            call.progress.line(text)
        if not findings.bad:
            return 0
        if findings.bad > len(findings.told):
            call.progress.line(f"{path}: ... and {findings.bad - len(findings.told):,} more.")
        count = f"{findings.bad:,} of {findings.rows:,} rows of {path} {'is' if findings.bad == 1 else 'are'} bad"
        if not args.skip_bad:
            raise UsageError(f"{count}, so nothing was sent: mend them, or add --skip-bad to go on without them.")
        call.progress.line(f"{count} and left out.")
        return findings.ours

    return fill


def _now_and_then(call: Call, path: Path) -> Callable[[int], None]:
    """Says how far a check is that takes long: all pictures are read."""
    told_s = call.clock.monotonic()

    def seen(rows: int) -> None:
        nonlocal told_s
        now_s = call.clock.monotonic()
        if now_s - told_s >= _TELL_S:
            told_s = now_s
            call.progress.line(f"{path}: {rows:,} rows are checked.")

    return seen


def checker(call: Call, connection: Connection) -> Checker:
    """A checker that knows the models as they are today."""
    meshes = MeshFinder(connection)
    return _checker(call, lambda model_id: connection.catalogue.fetch(model_id, connection.client), meshes=meshes)


def check_offline(call: Call, fill: Fill) -> None:
    """Look at what is asked for as far as that is possible without the service.

    :raises InputError: it cannot be made.
    """
    offline = _checker(call, Catalogue(call.folder, "offline").known, is_offline=True)
    with closing(Stock()) as stock:
        fill(offline, stock, None)


def _checker(call: Call, find: Callable[[str], Model], **more: Any) -> Checker:
    return Checker(
        find,
        work_folder=call.folder / "pictures",
        host=call.host,
        tell=call.progress.line,
        mesh_option=mesh_option(call.args),
        **more,
    )


def _common(args: argparse.Namespace) -> Common:
    models: list[str] = args.model or [DEFAULT_MODEL_ID]
    views = {name: Path(path) for name, path in (_pair(text, "--view NAME=PATH") for text in args.view)}
    if len(views) != len(args.view):
        raise UsageError("--view: each view can be given once.")
    if len(set(models)) != len(models):
        raise UsageError("--model: each model can be given once.")
    return Common(
        models=tuple(models),
        seeds=args.seeds,
        views=views,
        mesh=getattr(args, "mesh", None),
        prompt=args.prompt,
        settings=dict(_pair(text, "--set NAME=VALUE") for text in args.set),
        folder=args.output,
    )


def _pictures(call: Call) -> list[Found]:
    """The pictures that are meant, in the order given."""
    is_convertible = call.host is not None
    finder = Finder(
        lambda path: is_picture(path, convertible=is_convertible),
        elsewhere=(call.args.output, call.folder),
        but=[call.args.sheet] if call.args.sheet is not None else [],
    )
    found = [picture for text in call.args.image for picture in finder.find(text)]
    for notice in finder.notices:
        call.progress.line(notice)
    return found


def _pair(text: str, option: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    if not name.strip() or not value:
        raise UsageError(f"{text} is not a pair: write it as {option}.")
    return name.strip(), value
