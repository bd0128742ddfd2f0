# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths that somebody has typed for this once, as Blender reads them. Main thread only."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import bpy

from ...engine.errors import InputError

__all__ = ["path_asked_for"]


def path_asked_for(text: str) -> Path:
    """Find out which path is meant: ``//`` begins one beside the .blend, ``~`` one in the user's home.

    On Windows a network folder is often typed with slashes. It would be made beside the .blend, unseen.

    :raises InputError: there is nothing that it could be beside, or it is most likely a network folder.
    """
    if text.startswith("//"):
        meant = text.rstrip("/").replace("/", "\\")
        is_network = meant.count("\\") > 2
        on_a_network = f", or type {meant} for a folder on the network" if is_network else ""
        if not bpy.data.filepath:
            raise InputError(f"{text} is beside the .blend, which is not saved yet: save it first{on_a_network}.")
        server = text[2:].replace("\\", "/").partition("/")[0]
        beside = Path(bpy.path.abspath(f"//{server}"))
        if sys.platform == "win32" and is_network and not beside.is_dir():
            raise InputError(f"{text} is beside the .blend, where {server} is no folder: make it first{on_a_network}.")
    return Path(os.path.expanduser(bpy.path.abspath(text))).absolute()  # noqa: PTH111 - which raises for an unknown ~user
