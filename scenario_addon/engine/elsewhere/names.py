# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made elsewhere is called as the picture it was made from, else as its file, else by its words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

from ..api.client import ScenarioClient
from ..api.remote import RemoteFile
from ..errors import ApiError, AuthError, NetworkError, ProtocolError
from ..text import clean
from ..values import AssetId

__all__ = ["called", "names_of", "prompt_of", "sent_files"]

_ASSET_ID: Final = re.compile(r"asset_[A-Za-z0-9_-]+")
_LONGEST: Final = 60
_MARK: Final = re.compile(r"(?<=.)-[0-9a-f]{16}$")
"""What pictures that are taken in Blender are told apart by."""
_SUFFIX: Final = re.compile(r"\.[A-Za-z]\w{1,4}$")
_FOLDERS: Final = re.compile(r"[\\/]")


def called(mesh: RemoteFile | None, sent: Iterable[AssetId], names: Mapping[AssetId, str], prompt: str | None) -> str:
    """Give a mesh its name.

    :param mesh: its file; ``None`` while there is none.
    :param sent: the files that it was made from.
    :param names: of those, as far as they are known.
    """
    parents = [mesh.parent_id] if mesh is not None and mesh.parent_id else []
    known = (names[asset_id] for asset_id in (*parents, *sent) if asset_id in names)
    stems = (_stem(name) for name in (*known, mesh.name if mesh is not None else None, prompt))
    return next((stem for stem in stems if stem), "model")


def _stem(name: str | None) -> str:
    text = clean(_FOLDERS.split(name or "")[-1].encode("utf-8", "ignore").decode(), longest=_LONGEST)
    return _MARK.sub("", _SUFFIX.sub("", text).rstrip(". "))


def names_of(asset_ids: Sequence[AssetId], client: ScenarioClient) -> dict[AssetId, str]:
    """Ask what files are called, as far as that can be had.

    :raises AuthError: the key is refused.
    """
    if not asset_ids:
        return {}
    try:
        return {file.id: file.name for file in client.files(asset_ids) if file.name}
    except AuthError:
        raise
    except (ApiError, NetworkError, ProtocolError):  # it is only the name
        return {}


def sent_files(values: Mapping[str, Any]) -> list[AssetId]:
    """The service's files among what a model was asked for, in order."""
    entries = [e for v in values.values() for e in (cast("list[Any]", v) if isinstance(v, list) else [v])]
    return [AssetId(entry) for entry in entries if isinstance(entry, str) and _ASSET_ID.fullmatch(entry)]


def prompt_of(values: Mapping[str, Any]) -> str | None:
    """The words among what a model was asked for."""
    prompt = values.get("prompt")
    return clean(prompt, longest=4_000) or None if isinstance(prompt, str) else None
