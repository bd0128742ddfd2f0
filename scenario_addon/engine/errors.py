# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that can go wrong, as one tree.

::

    ScenarioError
    ├── ConfigError              a setting is wrong or a folder cannot be used
    │   ├── CredentialsMissing   no key, or half a pair
    │   └── OfflineError         Blender was not allowed to go online
    ├── InputError               found before anything was sent or paid
    │   ├── AlreadyOrdered       the same is under way
    │   ├── MeshError            a mesh that cannot be given to a model
    │   ├── PictureError         a picture that cannot be used
    │   ├── ParamError           a parameter: unknown, wrong type, out of range ...
    │   └── UnknownModel         no such 3D model
    ├── BudgetError              the price is above what may be spent
    ├── NetworkError             no whole answer: refused, reset, timed out, cut short
    │   ├── TlsError             no protected connection came about; nothing was sent
    │   └── Unanswered           the request was (or may have been) sent, its answer never came
    ├── ProtocolError            an answer that makes no sense
    ├── ApiError                 the service said no
    │   ├── Rejected             400, 409, 413, 422: asking again gives the same answer
    │   ├── NoCredits            402, or a 400 or 403 that says so: the account is empty
    │   ├── AuthError            401
    │   ├── Forbidden            403
    │   ├── NotFound             404
    │   ├── RateLimited          429
    │   └── ServerError          5xx, 408
    ├── GenerationFailed         the job ran and ended without a mesh
    ├── DownloadError            a file that is not what was promised
    ├── DiskError                no space, no permission, folder gone
    │   ├── LedgerInDoubt        nobody knows what was ordered before
    │   └── NotCarried           somebody else carries the job, or removed it
    └── ImportFailed             Blender could not read the file

Each error has a ``user_message``: one sentence that says what happened and, where there is something to do, what.
"""

from __future__ import annotations

from pathlib import Path

__all__ = [
    "AlreadyOrdered",
    "ApiError",
    "AuthError",
    "BudgetError",
    "ConfigError",
    "CredentialsMissing",
    "DiskError",
    "DownloadError",
    "Forbidden",
    "GenerationFailed",
    "ImportFailed",
    "InputError",
    "LedgerInDoubt",
    "MeshError",
    "NetworkError",
    "NoCredits",
    "NotCarried",
    "NotFound",
    "OfflineError",
    "ParamError",
    "PictureError",
    "ProtocolError",
    "RateLimited",
    "Rejected",
    "ScenarioError",
    "ServerError",
    "TlsError",
    "Unanswered",
    "UnknownModel",
]


class ScenarioError(Exception):
    """Root of the tree."""

    def __init__(self, user_message: str) -> None:
        super().__init__(user_message)
        self.user_message = user_message


class ConfigError(ScenarioError):
    """A setting is wrong, or a folder cannot be used."""


class CredentialsMissing(ConfigError):
    """There is no complete pair of key and secret."""


class OfflineError(ConfigError):
    """Blender was not allowed to go online."""


class InputError(ScenarioError):
    """Something the user gave cannot be used. Nothing was sent."""


class AlreadyOrdered(InputError):
    """The same is under way. Nothing was ordered a second time."""


class MeshError(InputError):
    """A mesh that cannot be given to a model."""


class PictureError(InputError):
    """A picture that cannot be used."""


class ParamError(InputError):
    """A parameter that the model would not take."""

    def __init__(self, user_message: str, *, name: str) -> None:
        from .text import legible  # when it is needed: errors are loaded with the add-on

        super().__init__(legible(user_message))  # names and reasons of the service are in it
        self.name = name
        """The parameter, as the service spells it."""


class UnknownModel(InputError):
    """No such 3D model."""


class BudgetError(ScenarioError):
    """The price is above what may be spent. Nothing was submitted."""


class NetworkError(ScenarioError):
    """No whole answer came: refused, reset, timed out or cut short."""


class TlsError(NetworkError):
    """No protected connection came about; nothing was sent.

    :param what: what is wrong, as a sentence; without its full stop where ``fix``, what to do, is the rest of it.
    """

    def __init__(self, what: str, *, fix: str | None = None) -> None:
        super().__init__(f"{what}; {fix}." if fix else what)
        self.what, self.fix = what, fix


class Unanswered(NetworkError):
    """The request may have reached the service; nobody knows what became of it."""


class ProtocolError(ScenarioError):
    """The service answered with something that makes no sense."""


class ApiError(ScenarioError):
    """The service said no."""

    def __init__(
        self, reason: str, *, status: int, trace_id: str | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.trace_id = trace_id
        self.retry_after_s = retry_after_s
        """How long the service asks to wait, in seconds; ``None`` when it does not say."""

    def __str__(self) -> str:
        trace = f", trace {self.trace_id}" if self.trace_id else ""
        return f"{self.user_message} (HTTP {self.status}{trace})"


class Rejected(ApiError):
    """400, 409, 413, 422: the same request would be refused again."""


class NoCredits(ApiError):
    """402, or a 400 or 403 whose words say so: the account is empty. Nothing was started."""


class AuthError(ApiError):
    """401: the key or the secret is wrong."""


class Forbidden(ApiError):
    """403: the plan or the key's scope does not cover this."""


class NotFound(ApiError):
    """404: no such thing, or it belongs to another project."""


class RateLimited(ApiError):
    """429: too many at once, or a cooldown. Nothing was started."""

    most_at_once: int | None = None
    """How many may run at once; ``None`` when the service does not say."""


class ServerError(ApiError):
    """5xx or 408: trouble at the service; nobody knows how far the request got."""


class GenerationFailed(ScenarioError):
    """The job ran and ended without a mesh."""

    def __init__(self, user_message: str, *, hint: str | None = None) -> None:
        super().__init__(user_message)
        self.hint = hint


class DownloadError(ScenarioError):
    """A file that is not what was promised: short, too long, or not a mesh at all."""


class DiskError(ScenarioError):
    """No space, no permission, or the folder is gone."""


class LedgerInDoubt(DiskError):
    """What was ordered before is not known, so that it could be paid for twice. Nothing was ordered."""


class NotCarried(DiskError):
    """Somebody else carries the job, or removed it from the ledger."""


class ImportFailed(ScenarioError):
    """Blender could not make sense of the file. The scene is as it was; the file is kept."""

    def __init__(self, user_message: str, *, path: Path) -> None:
        super().__init__(user_message)
        self.path = path
