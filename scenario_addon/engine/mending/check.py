# SPDX-License-Identifier: GPL-3.0-or-later
"""A glTF is looked at before anybody imports it: container, JSON, and every number and picture that would be used.

A damaged or hostile file costs its own size in memory, 50 MB for its JSON at the most, and time in proportion. What is
at fault in a part that nobody uses is no fault, and what can be left out is.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..errors import DownloadError
from ..gltf.document import READABLE, Flaw, GltfInfo, count
from ..gltf.draft import Draft
from .mending import mend

__all__ = ["inspect"]


def inspect(path: Path, *, name: str | None = None, readable: frozenset[str] = READABLE) -> GltfInfo:
    """Check that there is a mesh in a file, and say what it holds. Any thread; reads the whole file.

    :param path: a GLB, or a glTF in JSON with its files beside it.
    :param name: what to call the file in a sentence.
    :param readable: the glTF extensions that may be required.
    :raises DownloadError: it is no mesh, is damaged, or nothing that can be read; the sentence says which.
    """
    try:
        draft = Draft.read(path, suffix=Path(name or path).suffix, readable=readable)
        mend(draft)
        return replace(count(draft.root), flaws=tuple(draft.told))
    except Flaw as flaw:
        raise DownloadError(f"{name or path.name} {flaw}.") from None
