# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault at every step of a job: it ends well or in a state that says what to do, and is paid for once.

The whole command runs in each cell of the table, then once more with a healthy service: that run has to deliver,
and to have cost one job in all, unless nobody can know whether the service ever got the first one. What a library
of another version might see differently is met everywhere; the rest is marked slow: ``-m "not slow"`` leaves it out.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import requests

from scenario_addon.engine.api import client as client_module
from scenario_addon.engine.api import http as http_module
from scenario_addon.engine.api import upload as upload_module
from scenario_addon.engine.batch import patience as patience_module
from scenario_addon.engine.fetch import download as download_module
from scenario_addon.engine.fetch import endless as endless_module
from scenario_addon.engine.ledger.job import State
from scenario_addon.engine.pipeline import runner as runner_module
from tests.engine.canned import CannedHost, canned
from tests.engine.cli.shell import FAST, Answer, QuickClock, Shell
from tests.engine.troubles import CELLS, ELSEWHERE, UNREACHABLE, Cell, End
from tests.limits import shorten
from tests.service import Fault
from tests.service.faults import Rule

GIVE_UP_S: Final = 1200.0
LIMIT_CU: Final = 25
DEARER: Final = 8
"""How many times today's price tomorrow's is: more than the limit."""
UNPAID_STEPS: Final = ("price", "upload", "upload in parts", "part", "complete", "taken in", "submit")
DEADLINE_S: Final = 0.1
"""For what would take for ever."""
TRIES: Final = 4
"""Before a job that is paid for is given up for now."""
CONNECTIONS: Final = 2
"""In a row that bring nothing of a file."""
MOST_BYTES: Final = 1_000_000
"""Of an answer, and of a file that does not say how much it is."""
EXIT_CODES: Final = {End.DELIVERED: 0, End.PATIENT: 130}
UNPAID: Final = frozenset({State.NEW, State.UPLOADED, State.SUBMITTING})
PAID: Final = frozenset({State.UNCERTAIN, State.RUNNING, State.SUCCEEDED})


@pytest.fixture
def shell(service: Any, tmp_path: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    shorten(monkeypatch, runner_module, _LOOK_S=GIVE_UP_S)  # nobody looks on
    shorten(monkeypatch, patience_module, _PAID_TRIES=TRIES)
    shorten(monkeypatch, download_module, _ATTEMPTS=CONNECTIONS)
    return Shell(service, tmp_path, capsys)


def is_telling(cell: Cell) -> bool:
    """Whether it shows in a moment what a version of the HTTP library makes of a trouble."""
    return not cell.lasts and cell.step.name in ("submit", "download")


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[CannedHost]:
    """Another host, which has nothing for anybody."""
    with CannedHost(canned("503 Service Unavailable")) as host:
        yield host


@pytest.mark.parametrize(
    "cell", [pytest.param(cell, marks=() if is_telling(cell) else pytest.mark.slow, id=str(cell)) for cell in CELLS]
)
def test_a_job_that_meets_a_fault_is_delivered_or_explained_and_paid_for_once(
    shell: Shell,
    cell: Cell,
    elsewhere: CannedHost,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = len(elsewhere.requests)
    with monkeypatch.context() as world:
        plan(cell, shell, world, elsewhere)
        answer = run(shell)
    check_end(cell, shell, answer)
    shell.service.forget_faults()
    if cell.end is not End.DELIVERED:
        check_second_end(cell, shell, run(shell))
    check_secrets(shell, answer.err + caplog.text)
    assert not [sent for sent in elsewhere.requests[before:] if b"authorization" in sent.lower()]


def plan(cell: Cell, shell: Shell, world: pytest.MonkeyPatch, elsewhere: CannedHost) -> None:
    """Let the run meet what the cell says."""
    step, trouble, times = cell.step, cell.trouble, None if cell.lasts else 1
    if step.is_large:
        world.setattr(upload_module, "SMALL_PICTURE_BYTES", 0)
    if step.first:
        method, path, fault, after, options = step.first
        is_refresh = step.name == "refresh"
        shell.service.fail(method, path, fault, times=times if is_refresh else 1, after=after, **options)
    world.setattr(http_module, "MOST_ANSWER_BYTES", MOST_BYTES)
    world.setattr(endless_module, "MOST_BYTES", MOST_BYTES)
    if trouble.is_slow:
        world.setattr(http_module, "READ_TIMEOUT_S", DEADLINE_S)
        world.setattr(http_module, "ANSWER_TIMEOUT_S", DEADLINE_S)
        world.setattr(http_module, "ATTEMPTS", 1)
    if trouble.fault == UNREACHABLE:
        make_unreachable(Rule(step.method, re.compile(step.path), Fault.REFUSED, times, step.after), world)
    else:
        options = {**trouble.options, **({"to": elsewhere.origin} if trouble.options.get("to") == ELSEWHERE else {})}
        assert isinstance(trouble.fault, Fault)
        shell.service.fail(step.method, step.path, trouble.fault, times=times, after=step.after, **options)


def make_unreachable(rule: Rule, world: pytest.MonkeyPatch) -> None:
    """Send the requests that a rule strikes to a port where nobody listens."""
    request = requests.Session.request

    def diverted(session: requests.Session, method: str, url: str, **more: Any) -> requests.Response:
        is_struck = rule.strikes(method=method, path=urlsplit(url).path)
        return request(session, method, "http://127.0.0.1:9/" if is_struck else url, **more)

    world.setattr(requests.Session, "request", diverted)


def run(shell: Shell, *more: str) -> Answer:
    """The command of somebody who goes on until it is there, and gives up after a while."""
    options = ("--verbose", "generate", shell.picture(), *FAST, "--output", shell.out, "--resume", *more)
    return shell(*options, clock=QuickClock(GIVE_UP_S))


def check_end(cell: Cell, shell: Shell, answer: Answer) -> None:
    jobs, charges = shell.jobs, shell.service.charges
    assert len(jobs) <= 1
    assert len(charges) <= 1
    job = jobs[0] if jobs else None
    assert (answer.code != 0) == (cell.end is not End.DELIVERED), answer.err
    assert answer.code == EXIT_CODES.get(cell.end, answer.code), answer.err
    match cell.end:
        case End.DELIVERED:
            check_delivery(shell, answer)
            return
        case End.REFUSED:
            assert job is None or job.state is State.FAILED
            assert charges == []
        case End.DAMAGED:
            assert job is not None
            assert (job.state, job.error_kind, len(charges)) == (State.FAILED, "DownloadError", 1)
        case End.LOST:
            assert job is not None
            assert (job.state, charges) == (State.UNCERTAIN, [])
        case End.HELD | End.PATIENT:
            assert job is not None
            assert job.state in (PAID if charges else UNPAID)
    told = answer.err.splitlines()[-1]
    check_sentence(told.partition("photo.png: ")[2] or told)


def check_second_end(cell: Cell, shell: Shell, again: Answer) -> None:
    if cell.end is End.LOST:
        assert again.code == 1
        assert "may cost a second time" in again.err
        assert shell.service.charges == []
    else:
        assert again.code == 0, again.err
        check_delivery(shell, again)


def check_delivery(shell: Shell, answer: Answer) -> None:
    (charge,) = shell.service.charges
    assert answer.paths == [shell.out / "photo.glb"]
    assert answer.paths[0].read_bytes() == shell.service.result_bytes(charge.job_id)
    assert shell.meshes == {"photo.glb"}


def check_sentence(told: str) -> None:
    """What is said on one line, in words, without the insides of anything."""
    assert 15 < len(told) < 400, told
    assert not re.search(r"Traceback|Errno|Error\(|HTTPConnection|[<>{}]|None|unexpected", told), told


def check_secrets(shell: Shell, told: str) -> None:
    """Neither the log nor the ledger gives away what opens the service or a file."""
    service = shell.service
    basic = base64.b64encode(f"{service.key}:{service.secret}".encode()).decode()
    ledger = (shell.state / "ledger.sqlite3").read_bytes().decode(errors="replace")
    for secret in (service.secret, service.key, basic, "Signature=", "Key-Pair-Id"):
        assert secret not in told
        assert secret not in ledger


HOLDING: Final = [
    cell for cell in CELLS if cell.step.name in UNPAID_STEPS and cell.lasts and cell.end in (End.HELD, End.PATIENT)
]
"""What keeps a job from being ordered for now."""


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(cell, marks=() if cell.step.name == "submit" else pytest.mark.slow, id=str(cell))
        for cell in HOLDING
    ],
)
def test_a_price_that_rises_while_a_job_is_held_is_not_paid_beyond_the_limit(
    shell: Shell, cell: Cell, elsewhere: CannedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = ("--max-cost", str(LIMIT_CU))
    with monkeypatch.context() as world:
        plan(cell, shell, world, elsewhere)
        assert run(shell, *limit).code != 0
    shell.service.forget_faults()
    shell.service.set_price_factor(DEARER)
    for _ in range(2):
        answer = run(shell, *limit)
        assert answer.code == 4, answer.err
        assert f"{LIMIT_CU} of {LIMIT_CU} CU are left to spend" in answer.err
        assert shell.service.charges == []
    answer = run(shell)
    assert answer.code == 0, answer.err
    check_delivery(shell, answer)
    [charge] = shell.service.charges
    assert charge.cost_cu > LIMIT_CU


def test_every_step_of_the_table_is_met_on_the_way_to_a_mesh(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.service.fail("POST", "/generate/", Fault.LOST_ANSWER, after=1)
    shell.service.fail("GET", "^/assets/", Fault.TRUNCATED)
    shell.service.fail("GET", "^/assets/", Fault.STATUS, status=403)
    assert run(shell).code == 0
    monkeypatch.setattr(upload_module, "SMALL_PICTURE_BYTES", 0)
    assert shell.generate(shell.picture("large.png", colour="#123456")).code == 0
    met = [(request.method, request.path) for request in shell.service.requests]
    for step in {cell.step.name: cell.step for cell in CELLS}.values():
        matching = [path for method, path in met if method == step.method and re.search(step.path, path)]
        assert len(matching) > step.after, step.name


# -- what a job can meet only while it is polled


def test_words_that_nobody_knows_mean_not_yet(shell: Shell) -> None:
    shell.service.set_statuses(["pondering", "dreaming", "in two minds", "succeeded"])
    answer = run(shell)
    assert answer.code == 0, answer.err
    check_delivery(shell, answer)


def test_a_job_that_never_ends_is_waited_for_and_can_be_left(shell: Shell) -> None:
    shell.service.set_statuses(["pondering"])
    assert run(shell).code == 130
    assert [job.state for job in shell.jobs] == [State.RUNNING]
    assert len(shell.service.charges) == 1


@pytest.mark.parametrize("parts", [1, 2])
def test_a_host_that_knows_no_ranges_delivers_all_the_same(shell: Shell, parts: int) -> None:
    shell.service.fail("GET", "^/assets/", Fault.TRUNCATED, times=parts)
    shell.service.fail("GET", "^/assets/", Fault.IGNORE_RANGE, times=None)
    answer = run(shell)
    assert answer.code == 0, answer.err
    check_delivery(shell, answer)


@pytest.mark.parametrize("number", [1, 2])
def test_a_part_that_is_lost_on_the_way_is_sent_again(
    shell: Shell, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_module, "SMALL_PICTURE_BYTES", 0)
    for module in (upload_module, client_module):
        monkeypatch.setattr(module, "PART_BYTES", 5 * 1024 * 1024)
    picture = shell.picture()
    with picture.open("ab") as file:  # decoders stop at the picture's end
        file.write(b"\0" * (5 * 1024 * 1024))
    shell.service.fail("PUT", "^/uploads/", Fault.RESET, after=number - 1)
    answer = shell.generate(picture)
    assert answer.code == 0, answer.err
    check_delivery(shell, answer)
    assert shell.service.count("PUT", "^/uploads/") == 3
