# SPDX-License-Identifier: GPL-3.0-or-later
"""An empty account is told from every other refusal, by the status or by the service's words."""

from __future__ import annotations

import json

import pytest

from scenario_addon.engine.cli.exits import OVER_BUDGET, exit_code
from scenario_addon.engine.errors import ApiError, Forbidden, NoCredits, RateLimited, Rejected
from tests.engine.canned import CannedHost, canned
from tests.engine.conftest import MakeHttp

EMPTY = [
    "not enough creative units",
    "Not enough creative units to run this model (7.25 needed, 3 left)",
    "Not enough Compute Units.",
    "You do not have enough creative units",
    "You don't have enough credits to perform this action",
    "Insufficient credits",
    "Insufficient creative units",
    "insufficient credit balance",
    "INSUFFICIENT_CREDITS",
    "Insufficient funds",
    "Insufficient balance: please top up",
    "You have run out of compute units",
    "Your team ran out of creative units",
    "Your project is out of credits",
    "You have no credits left",
    "No more creative units available for this period",
    "You have 0 creative units left",
    "Credit balance exhausted",
    "Your creative unit balance is too low",
    "Your credits are exhausted",
    "All compute units have been used up",
    "quota of creative units exceeded",
    "Creative units quota exceeded",
    "Monthly creative unit quota has been reached",
    "You have exceeded your creative units limit",
    "The creative units cap of this API key is reached",
    "You have used all your creative units",
    "You've reached your limit of compute units for this month",
    "This costs 120 creative units and you have only 3 left",
    "Please buy more credits",
    "Please top up your creative units",
    "Your account balance is empty",
    "Not enough CUs",
    "Not enough CU",
]
OTHER = [
    "Model model_hunyuan-3d-pro requires the Pro plan",
    "This feature requires the Enterprise plan or above, which has more credits",
    '"image" exceeds the maximum of 5 images',
    "Not enough images: give at least 2",
    "Insufficient permissions",
    "Insufficient scope: assets.write",
    "API Keys cannot access protected resources",
    "The prompt exceeds the limit of 1000 characters",
    "Too many parallel jobs: the limit of your plan is reached",
    "Quota of parallel jobs exceeded",
    "Upload quota exceeded",
    "Storage limit reached",
    '"units" must be one of [meters, feet]',
    '"credits" is not allowed',
    '"faceCount" must be less than or equal to 1500000',
    "No such model",
    "Parameter balance is not valid",
    "White balance is out of range",
    "The cube is empty",
    "Asset asset_0 not found",
    "Cannot cancel this type of job. Action not permitted.",
    "Forbidden",
    "The picture has not enough contrast",
    "Your cooldown is not over yet",
    "Not enough images; no credits were charged",
    "The job failed and no compute units have been spent",
    "The account of this key requires a Pro plan; not enough credits come with yours",
    "This model costs 25 creative units; the prompt is missing",
    "Custom models reach their limits",
    "Reached the maximum of 4 parallel jobs",
    "No image was given",
    "",
]


def refused(http_to: MakeHttp, status: int, body: str) -> ApiError:
    with CannedHost(canned(f"{status} No", body.encode())) as host, pytest.raises(ApiError) as caught:
        http_to(host.origin).call("POST", "/x", repeat=False)
    return caught.value


@pytest.mark.parametrize("status", [400, 403])
@pytest.mark.parametrize("reason", EMPTY)
def test_words_that_say_so_mean_an_empty_account(http_to: MakeHttp, status: int, reason: str) -> None:
    error = refused(http_to, status, json.dumps({"reason": reason, "trace_id": "tr_1"}))
    assert (type(error), error.status, error.trace_id) == (NoCredits, status, "tr_1")
    assert error.user_message.startswith(reason.rstrip("."))
    assert "The account has no credits left: get more at https://app.scenario.com, then resume" in error.user_message
    assert exit_code(error) == OVER_BUDGET


@pytest.mark.parametrize(("status", "kind"), [(400, Rejected), (403, Forbidden)])
@pytest.mark.parametrize("reason", OTHER)
def test_other_words_mean_what_the_status_means(
    http_to: MakeHttp, status: int, kind: type[ApiError], reason: str
) -> None:
    assert type(refused(http_to, status, json.dumps({"message": reason}))) is kind


@pytest.mark.parametrize("body", ["", "<html>", "{}", '{"message": "Payment Required"}'])
def test_402_means_an_empty_account_whatever_else_is_said(http_to: MakeHttp, body: str) -> None:
    error = refused(http_to, 402, body)
    assert type(error) is NoCredits
    assert error.user_message.startswith("This has to be paid for (the service answered 402). The account has no")


@pytest.mark.parametrize("status", [404, 409, 422, 429, 500])
def test_no_other_status_means_an_empty_account(http_to: MakeHttp, status: int) -> None:
    assert not isinstance(refused(http_to, status, '{"reason": "Not enough creative units"}'), NoCredits)


def test_a_file_host_has_no_account_for_us(http_to: MakeHttp) -> None:
    with CannedHost(canned("402 Payment Required", b'{"reason": "Not enough credits"}')) as host:
        http = http_to(host.origin)
        with pytest.raises(Rejected):
            http.open_file(f"{host.origin}/file")
        with pytest.raises(Rejected):
            http.put_file(f"{host.origin}/part", b"bytes")


@pytest.mark.parametrize(("details", "most"), [({"actionLimit": 4}, 4), ({"actionLimit": "x"}, None), ([], None)])
def test_a_refusal_says_how_many_may_run_at_once(http_to: MakeHttp, details: object, most: int | None) -> None:
    error = refused(http_to, 429, json.dumps({"reason": "Too many parallel jobs", "details": details}))
    assert isinstance(error, RateLimited)
    assert error.most_at_once == most
