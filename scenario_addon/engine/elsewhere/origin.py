# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose a job is that was not ordered here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..ledger.job import Job

__all__ = ["Origin", "is_of_another", "origin_of", "whose"]

_PROJECT: Final = "project_id"
_AUTHOR: Final = "author_id"
_MADE: Final = {"made": "elsewhere"}


@dataclass(frozen=True, slots=True)
class Origin:
    project_id: str | None = None
    """As the service calls it; ``None`` where it does not say."""
    author_id: str | None = None
    """Whose key or account it was."""

    @property
    def record(self) -> Mapping[str, str]:
        """As a job keeps it, see :attr:`.Job.origin`; never empty."""
        known = {_PROJECT: self.project_id, _AUTHOR: self.author_id}
        return {**_MADE, **{name: value for name, value in known.items() if value}}


def origin_of(job: Job) -> Origin | None:
    """Say whose a job is; ``None`` for one that was ordered here."""
    return Origin(job.origin.get(_PROJECT), job.origin.get(_AUTHOR)) if job.origin else None


def whose(job: Job, *, scope: str | None, project_id: str | None) -> str:
    """Say in words whose a job is, as far as that is known; "" for one that was ordered here with this key.

    :param scope: of the key in use; ``None`` where there is none.
    :param project_id: the project that the key is used for, where somebody said so.
    """
    origin = origin_of(job)
    if scope is not None and job.scope != scope:
        known = f"project {origin.project_id}" if origin and origin.project_id else "another key or project"
        return f"of {known}"
    if origin is None:
        return ""
    is_other = is_of_another(job, project_id=project_id)
    return f"made in project {origin.project_id}" if is_other else "made elsewhere"


def is_of_another(job: Job, *, project_id: str | None) -> bool:
    """Whether a job is known to have been made in another project than the one that a key is used for."""
    origin = origin_of(job)
    return origin is not None and None not in (origin.project_id, project_id) and origin.project_id != project_id
