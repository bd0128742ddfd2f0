# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture that the service cuts out before a mesh is made of it: what is asked for, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from .values import PLACEHOLDER, AssetId, ModelId, RemoteJobId

__all__ = ["CUT_OUT_MODEL", "CUT_OUT_S", "CutOut", "cut_out_body"]

CUT_OUT_MODEL: Final = ModelId("model_photoroom-background-removal")
CUT_OUT_S: Final = 6.0
"""How long it usually takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOut:
    """A picture on its way to being cut out: the submission of a job that comes before its mesh."""

    sha256: str
    """Of the picture's bytes."""
    remote_id: RemoteJobId | None = None
    """The service's job that cuts it out; ``None`` before it has answered."""
    result_ids: tuple[AssetId, ...] = ()
    """What came of it."""
    is_shared: bool = False
    """Whether another job of ours has ordered it, and pays."""


def cut_out_body(image: AssetId = PLACEHOLDER) -> dict[str, Any]:
    """Make the JSON body of the call that cuts a picture out.

    :param image: the uploaded picture; the placeholder is good for a dry run.
    """
    return {"image": image, "hdBackgroundRemoval": False, "shadowMode": ""}
