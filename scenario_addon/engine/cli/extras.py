# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a command's options says what is wanted besides the mesh files."""

from __future__ import annotations

import argparse
from typing import Final

from ..handover.extras import Extras
from ..host import AS_DELIVERED, Detail
from .call import BLENDER, Call, UsageError

__all__ = ["check_extras", "mesh_option", "wanted_detail", "wanted_extras"]

_OF_MESHES: Final = ("blend", "blend_all", "library", "sheet", "preview", "triangles", "lods")


def wanted_extras(args: argparse.Namespace) -> Extras:
    """What is to be written beside each mesh. A command may have only some of the options.

    A contact sheet and an asset library show what each mesh looks like, so that they need previews.
    """
    preview = args.preview or args.sheet is not None or args.library is not None
    return Extras(blend=getattr(args, "blend", False), detail=wanted_detail(args), preview=preview)


def wanted_detail(args: argparse.Namespace) -> Detail:
    """How much of each mesh is to be in a .blend."""
    return Detail(triangles=args.triangles or 0, lods=args.lods or 0, clean=args.clean)


def mesh_option(args: argparse.Namespace) -> str | None:
    """The first option given that asks for what only a mesh has; ``None`` for none."""
    return next((f"--{name.replace('_', '-')}" for name in _OF_MESHES if getattr(args, name, None)), None)


def check_extras(call: Call) -> None:
    """Find out whether it can be written.

    :raises UsageError: it cannot; the sentence says why.
    """
    args = call.args
    for option in ("blend", "preview"):
        if getattr(args, option, False) and call.host is None:
            raise UsageError(f"--{option} needs {BLENDER}.")
    if wanted_detail(args) != AS_DELIVERED and not (getattr(args, "blend", False) or args.blend_all):
        option = "--triangles" if args.triangles else "--lods" if args.lods else "--clean"
        has_blend = "--blend or --blend-all FILE.blend" if "blend" in args else "--blend-all FILE.blend"
        raise UsageError(f"{option} is for the mesh in a .blend: add {has_blend}.")
