# SPDX-License-Identifier: GPL-3.0-or-later
"""A service in whose hands anything can happen: every answer, error and loss is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any, Final, TypeVar

from hypothesis import strategies as st

from scenario_addon.engine import errors
from scenario_addon.engine.api.client import Submission
from scenario_addon.engine.api.remote import RemoteJob
from scenario_addon.engine.api.status import RemoteStatus
from scenario_addon.engine.cut_out import CUT_OUT_MODEL
from scenario_addon.engine.values import AssetId, RemoteJobId, ResultAsset

__all__ = ["FickleService"]

T = TypeVar("T")
CUT_OUT: Final = "asset_cut_out_by_"

NOT_STARTED: Final = (errors.RateLimited, errors.AuthError, errors.Forbidden, errors.NotFound, errors.Rejected)
"""What the service says when it has started nothing."""
_TROUBLE: Final = (
    errors.NetworkError("Out of reach."),
    errors.Unanswered("Lost."),
    errors.ProtocolError("Nonsense."),
    errors.RateLimited("Wait.", status=429, retry_after_s=5.0),
    errors.ServerError("Trouble.", status=500),
    errors.AuthError("Who?", status=401),
    errors.Forbidden("No.", status=403),
    errors.NotFound("None.", status=404),
    errors.Rejected("Bad.", status=400),
)
# Mostly it goes well, or no job would get anywhere.
LUCK: Final = st.sampled_from([*[None] * 24, *_TROUBLE])
LUCK_OF_A_SUBMISSION: Final = st.sampled_from([*[None] * 8, *[_TROUBLE[1]] * 4, *_TROUBLE])
WORDS: Final = st.sampled_from(["queued", "in-progress", "a new word", "success", "failure", "canceled"])


class FickleService:
    """Stands where the client stands.

    :param draw: how a value is drawn, as ``st.DataObject.draw``.
    :param knows_pictures: whether it gives a picture that it has seen before the same id again.
    """

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any], *, knows_pictures: bool = True) -> None:
        self.draw = draw
        self.is_healthy = False
        """Whether everything goes well from now on."""
        self.charged: list[RemoteJobId] = []
        self._knows_pictures = knows_pictures
        self.failed_cut_outs: set[RemoteJobId] = set()
        self._inputs: dict[RemoteJobId, dict[str, Any]] = {}
        self._ends: dict[RemoteJobId, str] = {}
        """How what cuts a picture out has ended, which is the same for all that ask."""
        self._uploads = 0

    def _drawn(self, strategy: st.SearchStrategy[T], *, when_healthy: T) -> T:
        return when_healthy if self.is_healthy else self.draw(strategy)

    def _pass(self) -> None:
        if error := self._drawn(LUCK, when_healthy=None):
            raise error

    def quote(self, model_id: str, body: dict[str, Any]) -> Decimal | None:
        self._pass()
        return self._drawn(
            st.sampled_from([Decimal("4.1"), Decimal("4.1"), None, Decimal(20)]), when_healthy=Decimal("4.1")
        )

    def upload_small(self, image: object, data: bytes) -> AssetId:
        self._pass()
        self._uploads += 1
        return AssetId(f"asset_{1 if self._knows_pictures else self._uploads}")

    def submit(self, model_id: str, body: dict[str, Any]) -> Submission:
        error = self._drawn(LUCK_OF_A_SUBMISSION, when_healthy=None)
        heard = error is None or not (isinstance(error, NOT_STARTED) or type(error) is errors.NetworkError)
        if heard and (error is None or self.draw(st.booleans())):
            self.charged.append(RemoteJobId(f"job_{len(self.charged)}"))
            self._inputs[self.charged[-1]] = {"modelId": model_id, **body}
        if error:
            raise error
        return Submission(self.charged[-1], Decimal("4.1"))

    def recent_jobs(self, *, pages: int) -> Iterator[RemoteJob]:
        self._pass()
        yield RemoteJob(RemoteJobId("job_other"), None, {"image": "asset_other"})
        yield from (RemoteJob(remote_id, None, body) for remote_id, body in self._inputs.items())

    def job(self, remote_id: RemoteJobId) -> RemoteStatus:
        self._pass()
        if self._inputs.get(remote_id, {}).get("modelId") == CUT_OUT_MODEL:
            return self._cut_out(remote_id)
        has_files = self._drawn(st.booleans(), when_healthy=True)
        return RemoteStatus(
            self._drawn(WORDS, when_healthy="success"),
            progress=self._drawn(st.none() | st.floats(0.01, 1), when_healthy=1.0),
            asset_ids=(AssetId("asset_2"),) if has_files else (),
        )

    def _cut_out(self, remote_id: RemoteJobId) -> RemoteStatus:
        word = self._ends.get(remote_id) or self._drawn(WORDS, when_healthy="success")
        if word in ("success", "failure", "canceled"):
            self._ends[remote_id] = word
            if word != "success":
                self.failed_cut_outs.add(remote_id)
        return RemoteStatus(word, asset_ids=(AssetId(f"{CUT_OUT}{remote_id}"),) if word == "success" else ())

    def assets(self, ids: Iterable[AssetId]) -> list[ResultAsset]:
        self._pass()
        return [ResultAsset(asset_id, "image/png", "") for asset_id in ids if asset_id.startswith(CUT_OUT)]

    def open_file(self, url: str, **range_of_bytes: Any) -> Any:
        raise errors.NetworkError("Out of reach.")

    def asset(self, asset_id: AssetId) -> None:
        if not asset_id.startswith(CUT_OUT):  # else it would be as gone as nothing here is
            self._pass()
