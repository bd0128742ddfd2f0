# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever the service answers, the command line takes less than 200 MB of memory."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import pytest

from tests.engine.cli.measured import peak_bytes
from tests.engine.streams import HOSTILE, StreamHost, head

ROOT: Final = Path(__file__).parents[3]
MOST_BYTES: Final = 200_000_000
SLOW_S: Final = 60.0
LIMITS: Final = ("ANSWER_TIMEOUT_S=3", "ATTEMPTS=1")

pytestmark = pytest.mark.skipif(peak_bytes() is None, reason="this system does not tell how much memory was taken")


def run(pieces: Callable[[], Iterable[bytes]], folder: Path, *command: str) -> tuple[int, str, int]:
    """Exit code, standard error and peak of a command whose every question gets this answer."""
    with StreamHost(pieces) as host:
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "PYTHONPATH": str(ROOT),
            "SCENARIO_BASE_URL": f"{host.origin}/v1",
            "SCENARIO_SDK_API_KEY": "key",
            "SCENARIO_SDK_API_SECRET": "secret",
            "SCENARIO_STATE_DIR": str(folder / "state"),
        }
        done = subprocess.run(
            [sys.executable, "-m", "tests.engine.cli.measured", str(folder / "peak"), *LIMITS, "--", *command],
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=SLOW_S,
            check=False,
        )
        assert host.requests
    return done.returncode, done.stderr, int((folder / "peak").read_text())


@pytest.mark.parametrize("name", HOSTILE)
def test_no_answer_takes_more_memory_than_there_may_be(name: str, tmp_path: Path) -> None:
    code, told, peak = run(HOSTILE[name], tmp_path, "models")
    assert peak < MOST_BYTES
    assert code in (0, 1)
    assert "Traceback" not in told


def test_an_exchange_in_good_order_takes_far_less(tmp_path: Path) -> None:
    """Or the measure above would prove nothing."""
    code, _, peak = run(lambda: [head("Content-Length: 13"), b'{"models":[]}'], tmp_path, "models")
    assert code == 0
    assert 10_000_000 < peak < MOST_BYTES / 2


def pages(record: bytes, count: int, *, last: int | None = None) -> Callable[[], Iterable[bytes]]:
    """Pages of so many records each; ``last`` is the number of the last one, ``None``: there is none."""
    numbers = itertools.count()

    def pieces() -> Iterable[bytes]:
        page = next(numbers)
        token = b"" if page == last else b',"nextPaginationToken":"%d"' % page
        records = b",".join(record % (page * count + n) for n in range(count))
        body = b'{"models":[%b]%b}' % (records, token)
        return [head(f"Content-Length: {len(body)}"), body]

    return pieces


def model(more: bytes = b"") -> bytes:
    return b'{"id":"m%%09d","capabilities":["img23d"],"status":"trained"%b}' % more


WIDE: Final = "😀".encode() * 1_000
ENDLESS_LISTS: Final = {
    "of nothing": pages(b'{"x":%d}', 1),
    "of models": pages(model(), 2_000),
    "of words": pages(model(b',"shortDescription":"%b"' % WIDE), 2_000),
    "of figures": pages(model(b',"performanceStats":{"variants":[%b{}]}' % (b"{}," * 40)), 2_000),
    "of inputs": pages(model(b',"inputs":[%b{}]' % (b'{"name":"","type":""},' * 30)), 2_000),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ENDLESS_LISTS)
def test_a_list_without_end_is_given_up(name: str, tmp_path: Path) -> None:
    code, told, peak = run(ENDLESS_LISTS[name], tmp_path, "models")
    assert peak < MOST_BYTES
    assert code == 0  # what is known without the service has to do
    assert told.endswith("The service's list of models has no end; try again later.\n")


@pytest.mark.slow
@pytest.mark.parametrize("command", [["models"], ["models", "--json"]], ids=" ".join)
def test_a_list_that_is_just_taken_is_shown_within_the_limit(command: list[str], tmp_path: Path) -> None:
    record = model(b',"shortDescription":"%b"' % WIDE)
    code, told, peak = run(pages(record, 900, last=3), tmp_path, *command)
    assert peak < MOST_BYTES
    assert (code, told) == (0, "")
