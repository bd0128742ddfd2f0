# SPDX-License-Identifier: GPL-3.0-or-later
"""What the README promises about money, a test for each line, named after it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import scenario_addon
from scenario_addon.engine.ledger.job import State
from scenario_addon.engine.settings import state_folder
from tests.engine.cli.shell import RUNNING_S, QuickClock, Shell
from tests.service import Fault

README: Final = Path(__file__).resolve().parents[3] / "README.md"
SECTION: Final = "What is promised about money"
PRICE_CU: Final = 4.1
"""Of the fast settings."""
WITH_OBJ: Final = ("--model", "model_meshy-7-img23d", "--set", "shouldRemesh=true", "--set", "targetPolycount=200")
"""Settings with which the service has the mesh as GLB and as OBJ."""
Proof = Callable[[Shell], None]
PROVEN: Final[dict[str, str]] = {}
"""The lines that have a test, by its name."""


def promise(line: str) -> Callable[[Proof], Proof]:
    """Note that a test proves a line of the README."""

    def note(test: Proof) -> Proof:
        PROVEN[test.__name__] = line
        return test

    return note


def promised() -> dict[str, str]:
    """The README's lines, by what their tests are called: the words that stand out."""
    section = README.read_text(encoding="utf-8").partition(f"## {SECTION}\n")[2].partition("\n## ")[0]
    lines = [" ".join(line.split()) for line in re.split(r"^- ", section, flags=re.MULTILINE)[1:]]
    return {_name(line): line for line in lines}


def _name(line: str) -> str:
    standing_out = re.match(r"\*\*(.+?)\*\*", line)
    assert standing_out, line
    return "test_" + re.sub(r"\W+", "_", standing_out[1].lower())


def test_there_are_five_promises_and_each_is_proven_as_it_is_written() -> None:
    assert len(promised()) == 5
    assert promised() == PROVEN


@promise(
    "**Nothing is ordered twice without your asking**, however often, under whatever name and for whichever folder."
)
def test_nothing_is_ordered_twice_without_your_asking(shell: Shell) -> None:
    shell.service.fail("POST", "/generate/", Fault.LOST_ANSWER, after=1)
    picture, other = shell.picture(), shell.folder / "other.png"
    shutil.copy(picture, other)
    assert shell.generate(picture, other, picture, clock=QuickClock(RUNNING_S)).code == 130
    found: set[Path] = set()
    for folder in (shell.out, shell.folder / "elsewhere", shell.out):
        answer = shell.generate(picture, other, picture, "--output", folder)
        assert answer.code == 0, answer.err
        found.update(answer.paths)
    assert shell("resume").code == 0
    assert len({path.read_bytes() for path in found}) == 1
    assert len(found) == 6
    assert len(shell.submissions) == len(shell.service.charges) == 1
    assert shell.generate(picture, "--again").code == 0
    assert len(shell.service.charges) == 2


@promise(
    "**No more is spent than the limits you set**, "
    "at the price of the day; a price that nobody knows is above them all."
)
def test_no_more_is_spent_than_the_limits_you_set(shell: Shell) -> None:
    pictures = [shell.picture(f"{n}.png", colour=f"#{n}{n}58be") for n in range(4)]
    answer, report = shell.report(*pictures[:3], "--max-cost", "9")
    assert (answer.code, len(answer.paths)) == (4, 2)
    assert report["cost_cu"] == sum(float(charge.cost_cu) for charge in shell.service.charges) == 2 * PRICE_CU
    assert shell.generate(*pictures[:3], "--max-cost-per-day", "12").code == 4
    shell.service.set_price_factor(2)
    assert shell.generate(*pictures[:3], "--max-cost", "8").code == 4
    assert shell("resume", "--max-cost-per-day", "16").code == 4
    assert len(shell.service.charges) == 2
    shell.service.fail("POST", "/generate/", Fault.STATUS, status=200, body={"job": {}}, times=2)
    assert shell.generate(pictures[3], "--max-cost", "1000").code == 4
    assert len(shell.submissions) == 2
    assert shell.generate(*pictures[:3], "--max-cost", "8.2", "--max-cost-per-day", "16.4").code == 0
    assert len(shell.service.charges) == 3


@promise(
    "**What is paid for is fetched until it is here**, in any format that will do, and kept outside of the extension."
)
def test_what_is_paid_for_is_fetched_until_it_is_here(shell: Shell) -> None:
    arguments = ("generate", shell.picture(), *WITH_OBJ, "--output", shell.out)
    shell.service.fail("POST", "/v1/assets/get-bulk", Fault.STATUS, status=403, times=None)
    shell.service.fail("GET", "^/assets/", Fault.STATUS, status=503, times=None)
    for _ in range(2):
        assert shell(*arguments).code == 1
        assert [job.state for job in shell.jobs] == [State.SUCCEEDED]
    shell.service.forget_faults()
    shell.service.fail("POST", "/v1/assets/get-bulk", Fault.STATUS, status=403, times=None)
    shell.service.fail("GET", "^/assets/", Fault.GARBAGE)  # the GLB
    [charge] = shell.service.charges
    answer = shell("resume")
    assert answer.code == 0, answer.err
    [path] = answer.paths
    assert path.read_bytes() == shell.service.result_bytes(charge.job_id, "obj")
    shutil.rmtree(shell.out)
    assert shell(*arguments).paths[0].read_bytes() == shell.service.result_bytes(charge.job_id)
    assert len(shell.service.charges) == 1
    extension = Path(scenario_addon.__file__).parent
    kept = [state_folder({}), *(place for job in shell.jobs if (place := job.file and job.file.path))]
    assert not [place for place in kept if place.is_relative_to(extension)]


@promise(
    "**Whatever dies, what was ordered is known**, "
    "from the ledger or a backup of it; where it is not, nothing is ordered."
)
def test_whatever_dies_what_was_ordered_is_known(shell: Shell) -> None:
    ledger = shell.state / "ledger.sqlite3"
    assert shell.generate(shell.picture(), clock=QuickClock(RUNNING_S)).code == 130  # the process dies
    ledger.write_bytes(ledger.read_bytes()[:5000])  # and so does the disk
    answer = shell.generate(shell.picture())
    assert (answer.code, answer.paths) == (0, [shell.out / "photo.glb"]), answer.err
    assert len(shell.service.charges) == 1
    ledger.unlink()
    for picture in (shell.picture(), shell.picture("other.png", colour="#2858be")):
        answer = shell.generate(picture)
        assert answer.code == 1
        assert answer.err.endswith("nothing is ordered. To order all the same, add --again.\n")
    assert len(shell.submissions) == 1


@promise(
    "**What only you can decide is said, and waits for you**: an order that got no answer, an account that is empty."
)
def test_what_only_you_can_decide_is_said_and_waits_for_you(shell: Shell) -> None:
    shell.service.fail("POST", "/generate/", Fault.RESET, after=1)
    told = [shell.generate(shell.picture()), shell("resume"), shell.generate(shell.picture())]
    assert [answer.code for answer in told] == [1, 1, 1]
    assert all("submit it again, which may cost a second time" in answer.err for answer in told)
    assert (len(shell.submissions), shell.service.charges) == (1, [])
    [job] = shell.jobs
    assert job.state is State.UNCERTAIN
    assert shell("resume", "--submit-again", job.id[:8]).code == 0

    others = [shell.picture(f"{n}.png", colour=f"#{n}{n}58be") for n in range(2)]
    shell.service.fail("POST", "/generate/", Fault.STATUS, times=None, status=402, body={"reason": "Payment required"})
    empty = shell.generate(*others)
    assert empty.code == 4
    assert "no credits left" in empty.err
    assert len(shell.service.charges) == 1
    shell.service.forget_faults()
    assert shell.generate(*others).code == 0
    assert len(shell.service.charges) == 3
