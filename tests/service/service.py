# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in as a whole: starts both origins, and is where tests look in and make things go wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType, TracebackType
from typing import Any, Final

from .catalogue import load_catalogue
from .faults import Fault
from .origin import Origin
from .origins import answer_api, answer_files
from .runs import Failure, Runs
from .signing import Signer
from .store import Store
from .team import Team
from .traffic import Traffic
from .values import Charge, Json, Request

__all__ = ["Service"]

_KEY: Final = "api_standin0000000000000000"
_SECRET: Final = "standin-secret-of-no-worth"
_API_BODY_MAX_BYTES: Final = 10 * 1024 * 1024
_PART_MAX_BYTES: Final = 5 * 1024**3
_WEEK_S: Final = 7 * 24 * 3600.0


class Service:
    """A local Scenario service; use it as a context manager.

    Leaving it raises the first error of the stand-in itself: a bug here never passes for one of the client.

    :param job_polls: a job is done after so many ``GET /jobs/{id}``.
    :param job_seconds: a job is done so long after its submission instead.
    :param port: of the API, 0 for a free one; the file host takes the next one, or a free one.
    :param url_seconds: how long signed addresses hold.
    :param files_url: where the file host is said to be; by default where it is.
    :param on_request: called with every request, on the thread that answers it.
    :param fees: what every job costs beside its main action, by the fee's name (``quality-gate``), in Compute Units.
    :param parallel_jobs: how many jobs the team may have at once, and is told so; ``None``: it is told a number that
        nobody holds it to.
    """

    def __init__(
        self,
        *,
        job_polls: int = 2,
        job_seconds: float | None = None,
        port: int = 0,
        url_seconds: float = _WEEK_S,
        files_url: str | None = None,
        on_request: Callable[[Request], None] | None = None,
        fees: Mapping[str, Decimal] = MappingProxyType({}),
        parallel_jobs: int | None = None,
    ) -> None:
        self.key, self.secret = _KEY, _SECRET
        self._traffic = Traffic(on_request=on_request)
        self._signer = Signer(lifetime_s=url_seconds)
        self._store = Store(signer=self._signer)
        self._runs = Runs(self._store, polls=job_polls, seconds=job_seconds, fees=fees, parallel_jobs=parallel_jobs)
        models = load_catalogue()
        self.team = Team()
        """Whose the key is, and what is left; changes of it are answered from then on."""
        self._api = Origin(
            "api",
            port=port,
            traffic=self._traffic,
            answer=answer_api(self._store, self._runs, models=models, team=self.team, key=self.key, secret=self.secret),
            max_body_bytes=_API_BODY_MAX_BYTES,
        )
        self._files = Origin(
            "files",
            port=port + 1 if port else 0,
            traffic=self._traffic,
            answer=answer_files(self._store, models),
            max_body_bytes=_PART_MAX_BYTES,
        )
        self._store.files_url = files_url or self._files.url

    def __enter__(self) -> Service:
        self._api.start()
        self._files.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._traffic.close()
        self._api.stop()
        self._files.stop()
        self._runs.close()
        if self._traffic.errors and error is None:
            raise self._traffic.errors[0]

    @property
    def base_url(self) -> str:
        """Of the API, up to and with ``/v1``."""
        return f"{self._api.url}/v1"

    @property
    def files_url(self) -> str:
        """Origin of the file host."""
        return self._files.url

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point a client here."""
        return {
            "SCENARIO_BASE_URL": self.base_url,
            "SCENARIO_SDK_API_KEY": self.key,
            "SCENARIO_SDK_API_SECRET": self.secret,
        }

    @property
    def requests(self) -> list[Request]:
        """Every request so far, in the order of the answers."""
        return self._traffic.requests

    @property
    def charges(self) -> list[Charge]:
        """Every paid submission, also those whose answer was lost."""
        return list(self._runs.charges)

    @property
    def jobs(self) -> dict[str, Json]:
        """The records of the paid runs by id."""
        return {job_id: run.record for job_id, run in self._runs.by_id.items()}

    @property
    def assets(self) -> dict[str, Json]:
        """The records of the assets by id."""
        return dict(self._store.assets)

    @property
    def uploads(self) -> dict[str, Json]:
        """The records of the multipart uploads by id."""
        return {upload_id: upload.record for upload_id, upload in self._store.uploads.items()}

    def asset_bytes(self, asset_id: str) -> bytes:
        """The file of an asset, as it arrived."""
        return self._store.blobs[asset_id].data

    def result_bytes(self, job_id: str, name: str = "glb") -> bytes:
        """A file of a finished job: ``glb``, ``shaded``, ``obj``, ``albedo``, ``webp``, ``fbx``, ``spz``."""
        return self._store.blobs[self._runs.by_id[job_id].files[name]].data

    def fail(
        self, method: str, path: str, fault: Fault, *, times: int | None = 1, after: int = 0, **options: Any
    ) -> None:
        """Let requests meet a fault.

        :param path: a regular expression, searched for in the path; of either origin.
        :param times: how many requests it hits; ``None``: all.
        :param after: how many matching requests pass first.
        :param options: as the members of :class:`Fault` say.
        """
        self._traffic.plan(method, path, fault=fault, times=times, after=after, options=options)

    def forget_faults(self) -> None:
        """Let everything go well from now on."""
        self._traffic.forget_faults()

    def let_go(self) -> None:
        """Let the requests go on that a fault holds now."""
        self._traffic.let_go()

    def count(self, method: str, path: str) -> int:
        """How many requests had this method and a path the regular expression is found in."""
        return self._traffic.count(method, path)

    def fail_job(
        self,
        error: str | None = "The provider could not reconstruct a mesh from this image.",
        hint: str | None = None,
        *,
        disable_refund: bool = False,
        times: int = 1,
    ) -> None:
        """Let the next ``times`` submitted jobs end in failure; ``error=None``: without a word why."""
        self._runs.failures += [Failure(error, hint, disable_refund)] * times

    def set_price_factor(self, factor: Decimal | int) -> None:
        """From now on everything costs so many times its list price."""
        self._runs.price_factor = Decimal(factor)

    def deliver(self, glb: bytes) -> None:
        """From now on every job gives this GLB alone, whatever it is shown."""
        self._runs.delivered = glb

    def expire_urls(self) -> None:
        """Expire every signed address handed out so far, for downloads and parts alike."""
        self._signer.expire_all()

    def set_statuses(self, words: Sequence[str]) -> None:
        """The words that jobs submitted from now on go through, one a poll; an empty list: the usual ones."""
        self._runs.words = tuple(words)
