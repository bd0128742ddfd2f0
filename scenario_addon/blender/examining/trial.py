# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts another Blender to see whether that works, how long it takes, and what its importer reads."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import bpy

from ...engine.host import Check
from ...engine.text import clean
from ..children.process import Child, blender_with
from .samples import PLAIN, SAMPLES

__all__ = ["importer_check", "second_blender", "trial"]

_PATIENCE_S: Final = 60.0
"""How long it may take altogether; it takes a second or two."""
_LONGEST: Final = 300
"""Of what it says before it ends, in characters."""
_MESHOPT_SINCE: Final = (5, 2, 0)
_NO_SECOND: Final = (
    "Allow Blender to start itself in your virus scanner, or install Blender anew; until then it stands still for as "
    "long as a mesh is being imported."
)
_NO_IMPORTER: Final = "Reinstall Blender; where your system packages them apart, its glTF add-on and numpy."


def second_blender() -> Callable[[], list[Check]]:
    """Give what tries another Blender like this one. Main thread only; what it gives is for any thread, and blocks."""
    command, folder = blender_with("examining.worker"), bpy.app.tempdir or None
    return lambda: trial(command, folder, is_new_enough=bpy.app.version >= _MESHOPT_SINCE)


def trial(command: Sequence[str], parent: str | None = None, *, is_new_enough: bool = True) -> list[Check]:
    """Start it, have it read the samples, and end it. Any thread.

    :param parent: where files in use go; ``None``: where the system has them.
    :param is_new_enough: whether its importer knows all that the samples need.
    """
    folder = Path(tempfile.gettempdir() if parent is None else parent)
    try:
        folder = Path(tempfile.mkdtemp(prefix="scenario-doctor-", dir=parent))
        return _tried(command, folder, is_new_enough=is_new_enough)
    except OSError as error:
        return [Check("second Blender", False, f"does not start ({error.strerror or error})", _NO_SECOND)]
    finally:
        if folder.name.startswith("scenario-doctor-"):
            shutil.rmtree(folder, ignore_errors=True)


def _tried(command: Sequence[str], folder: Path, *, is_new_enough: bool) -> list[Check]:
    """:raises OSError: it cannot be started."""
    began_s, heard_s = time.monotonic(), list[float]()
    child = Child.start(command, folder / "console.txt")
    try:
        order = {"folder": str(folder), "limit_s": _PATIENCE_S}
        answers = child.tell(order, lambda answer: heard_s.append(time.monotonic() - began_s))
    finally:
        child.close()
    if "begun" not in answers:
        reason = f"took more than {_PATIENCE_S:.0f} s" if child.was_ended else child.last_words() or "it has ended"
        reason = clean(reason, longest=_LONGEST)
        return [Check("second Blender", False, f"does not start ({reason})", _NO_SECOND)]
    started = Check("second Blender", True, f"starts in {heard_s[0]:.1f} s; imports do not keep this one waiting")
    if "read" not in answers:
        reason = clean(answers.get("failed") or child.last_words() or "it has ended", longest=_LONGEST)
        return [started, importer_check(f"breaks down over a triangle ({reason})")]
    return [started, *_read(answers["read"], is_new_enough=is_new_enough)]


def importer_check(problem: str | None) -> Check:
    """:param problem: what keeps GLB files from being imported; ``None``: nothing does."""
    return Check(PLAIN, problem is None, problem or "can import GLB files", _NO_IMPORTER if problem else "")


def _read(found: Mapping[str, Any], *, is_new_enough: bool) -> list[Check]:
    """Say what it reads. Without an extension, files that do not need it are read all the same."""
    checks = [importer_check(found[PLAIN])]
    if not checks[0].ok:
        return checks
    for name in list(SAMPLES)[1:]:
        if not found[name]:
            checks.append(Check(name, True, "can be read"))
            continue
        text = f"cannot be read, other files can: {found[name]}"
        if name in found[name]:  # all that it says
            text = "cannot be read by this Blender; other files can"
        fix = f"Install Blender as blender.org builds it, if a model should deliver {name}."
        if name == "meshopt" and not is_new_enough:
            fix = "Install Blender 5.2 or newer, if a model should deliver meshopt."
        checks.append(Check(name, True, text, fix))
    return checks
