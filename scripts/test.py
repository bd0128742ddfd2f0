# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets up and runs everything that can be tested on this machine, and says what could not.

    python3 scripts/test.py                           all parts, three at a time, since some wait
    python3 scripts/test.py --only engine -- -k retry     one part, output live, the rest to pytest
    BLENDER=/path/to/blender python3 scripts/test.py  with the tests that need a whole Blender, too

BLENDER may name several executables, separated as in PATH, the newest last.
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from environments import ENVS, ROOT, PythonMissingError, SetupError, ensure
from parts import Part, parts

__all__ = ["Result", "main", "run", "tried_again"]

PART_TIMEOUT_S: Final = 1800.0
SLOWEST: Final = ("--durations=15", "--durations-min=1")
"""At the end of what a part writes, so that what has become slow is seen."""
FEW: Final = 3
"""So many failures may be for want of time."""
MOST_NAMED: Final = 12
"""Of the failed tests of a part, in the table."""
NO_TESTS_COLLECTED: Final = 5  # pytest's exit code
TIMED_OUT: Final = 124  # as timeout(1) says it
MEMORY: Final = Path("/dev/shm")
"""Where files are kept in memory, if anywhere."""
LEAST_MEMORY_BYTES: Final = 8 * 1024**3
"""All parts together leave about 2 GiB of temporary files."""
_printing: Final = threading.Lock()


@dataclass(frozen=True)
class Result:
    """What became of a part. `reason` says why it did not run or why it failed without a failing test."""

    part: Part
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    reason: str = ""
    names: tuple[str, ...] = ()
    """Of the tests that failed."""

    @property
    def verdict(self) -> str:
        """In a word or two."""
        if self.failed:
            return "FAILED"
        return "passed" if self.passed else "not run"


def run(part: Part, *, options: list[str], live: bool) -> Result:
    """Set up the part's environment and run it, its output to the terminal (`live`) or to the part's log."""
    paths = [path for path in part.paths if _holds_tests(ROOT / path)]
    if part.missing or (part.paths and not paths):
        return Result(part, reason=part.missing or "no tests yet")
    started = time.monotonic()
    try:
        ensure(part.environment)
    except PythonMissingError as error:
        return Result(part, reason=str(error))
    except (OSError, SetupError) as error:
        return Result(part, failed=1, seconds=time.monotonic() - started, reason=str(error))
    command = [*_command(part, paths, options), *_counting(part)]
    code, told = _execute(part, command, live=live), ""
    if code < 0 and part.environment.startswith("bpy"):
        # Blender's own code crashes once in many runs where nothing of ours is at fault; what is ours crashes again.
        told = f"after a first run that {_ending(code)}"
        _section(
            Result(part, failed=1, seconds=time.monotonic() - started, reason=f"{_ending(code)}, again"), live=live
        )
        code = _execute(part, command, live=live)
    result = _count(part, code=code)
    reasons = filter(None, (told, result.reason, _covered(part)))
    return replace(result, seconds=time.monotonic() - started, reason=", ".join(reasons))


def _set_up(environment: str) -> None:
    """Make an environment while others are in use or made, too: pip mostly waits. What fails is said by its parts."""
    with contextlib.suppress(OSError, SetupError):
        ensure(environment)


def _command(part: Part, paths: Sequence[str], options: Sequence[str]) -> list[str]:
    """Give what to execute. The environment has to be there."""
    command = [str(ensure(part.environment)), "-m", part.module, *part.arguments]
    report = _report(part)
    report.parent.mkdir(exist_ok=True)
    report.unlink(missing_ok=True)
    if part.paths:
        cache = ENVS / "cache" / part.name  # parts run side by side
        command += [*paths, f"--junit-xml={report}", "-o", f"cache_dir={cache}", *SLOWEST, *options]
    return command


def _counting(part: Part) -> list[str]:
    """Have pytest count which lines of the code are run."""
    if not part.covers:
        return []
    lines = _lines(part)
    lines.unlink(missing_ok=True)
    return [f"--cov={part.covers}", f"--cov-report=json:{lines}"]


def _lines(part: Part) -> Path:
    return ENVS / "reports" / f"{part.name}-lines.json"


def _covered(part: Part) -> str:
    """Say how much of the code was run."""
    if not part.covers or not _lines(part).exists():
        return ""
    percent = json.loads(_lines(part).read_bytes())["totals"]["percent_covered"]
    return f"runs {percent:.1f} % of the lines of {part.covers}"


def tried_again(result: Result, *, options: list[str], live: bool) -> Result:
    """Run a few tests that failed once more, alone: on a busy machine a window can be late. The table names them."""
    if not 0 < result.failed <= FEW or len(result.names) != result.failed:
        return result
    part, started = result.part, time.monotonic()
    with _printing:
        print(f"... {part.name}: {', '.join(result.names)}, once more", flush=True)
    paths = [path for path in part.paths if _holds_tests(ROOT / path)]
    command = [*_command(part, paths, options), "--last-failed", "--last-failed-no-failures=none"]
    again = _count(part, code=_execute(part, command, live=live))
    late = [name for name in result.names if again.passed and name not in again.names]
    told = (result.reason, f"only at the second try: {', '.join(late)}" if late else "")
    result = replace(
        result,
        passed=result.passed + len(late),
        failed=result.failed - len(late),
        names=tuple(name for name in result.names if name not in late),
        seconds=result.seconds + time.monotonic() - started,
        reason=", ".join(filter(None, told)),
    )
    _section(result, live=live)
    return result


def _report(part: Part) -> Path:
    return ENVS / "reports" / f"{part.name}.xml"


def _failed(report: Path) -> tuple[str, ...]:
    """Names of the tests that failed."""
    cases = ElementTree.parse(report).iter("testcase")
    ends = ("failure", "error")
    return tuple(case.get("name", "") for case in cases if any(case.find(end) is not None for end in ends))


def _holds_tests(path: Path) -> bool:
    return path.is_file() or any(path.rglob("test_*.py"))


def _execute(part: Part, command: list[str], *, live: bool) -> int:
    """Run the command, its output to the terminal or to the part's log, and give its exit code."""
    environment = {**os.environ, "BLENDER": part.blender, "PYTHONUNBUFFERED": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # else each of a thousand processes compiles everything anew
    if part.covers:
        environment |= {"COVERAGE_CORE": "sysmon", "COVERAGE_FILE": str(_lines(part).with_suffix(".sqlite"))}
    with _log(part).open("w", encoding="utf-8") as log:
        output = None if live else log
        try:
            done = subprocess.run(
                command, cwd=ROOT, env=environment, stdout=output, stderr=output, timeout=PART_TIMEOUT_S
            )
        except subprocess.TimeoutExpired:
            return TIMED_OUT
    return done.returncode


def _count(part: Part, *, code: int) -> Result:
    """Read pytest's report; a run that ended badly without a failing test counts as one failure."""
    report = _report(part)
    if not part.paths:
        return Result(part, passed=int(code == 0), failed=int(code != 0))
    if code == NO_TESTS_COLLECTED:
        return Result(part, reason="no test was chosen")
    counts = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    if report.exists():
        for suite in ElementTree.parse(report).iter("testsuite"):
            counts = {name: count + int(suite.get(name, 0)) for name, count in counts.items()}
    failed = counts["failures"] + counts["errors"]
    reason = ""
    if code and not failed:
        failed, reason = 1, _ending(code)
    passed = counts["tests"] - counts["failures"] - counts["errors"] - counts["skipped"]
    names = _failed(report) if report.exists() else ()
    return Result(part, passed=passed, failed=failed, skipped=counts["skipped"], reason=reason, names=names)


def _ending(code: int) -> str:
    if code == TIMED_OUT:
        return f"did not end within {PART_TIMEOUT_S:.0f} s"
    return f"ended by signal {-code}" if code < 0 else f"ended with exit code {code}"


def _section(result: Result, *, live: bool) -> None:
    """Print what a part wrote, under its name, verdict and time."""
    with _printing:
        print(f"\n=== {result.part.name}: {result.verdict}, {result.seconds:.1f} s", result.reason)
        log = _log(result.part)
        if result.seconds and not live and log.exists():
            print(log.read_text(encoding="utf-8", errors="replace").rstrip())
        sys.stdout.flush()


def _table(results: list[Result], *, seconds: float) -> None:
    """Print one line for each part, and the sum as the last line."""
    width = max(len(result.part.name) for result in results)
    print(f"\n{'part':{width}}  verdict  passed  failed  skipped  seconds")
    for result in results:
        numbers = f"{result.passed:6}  {result.failed:6}  {result.skipped:7}  {result.seconds:7.1f}"
        failed = f"failed: {', '.join(result.names[:MOST_NAMED])}" if result.names else ""
        reason = ", ".join(filter(None, (failed, result.reason.partition("\n")[0])))
        print(f"{result.part.name:{width}}  {result.verdict:7}  {numbers}  {reason}".rstrip())
    print(f"all in {seconds:.0f} s\n")
    passed, failed, skipped = (
        sum(getattr(result, name) for result in results) for name in ("passed", "failed", "skipped")
    )
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))


def _log(part: Part) -> Path:
    folder = ENVS / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"part-{part.name}.log"


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run everything that can be tested on this machine.")
    names = [part.name for part in parts()]
    parser.add_argument("--only", action="append", choices=names, help="this part (again for more)")
    parser.add_argument("--jobs", type=int, default=3, help="how many parts run at a time (default 3)")
    parser.add_argument("options", nargs="*", metavar="-- PYTEST_OPTION", help="passed on to pytest")
    return parser.parse_args(arguments)


@contextlib.contextmanager
def _quick_files() -> Iterator[None]:
    """Keep the tests' temporary files in memory, where there is enough: a disk takes part of every test's time."""
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < LEAST_MEMORY_BYTES:
        yield
        return
    folder = MEMORY / f"tests-{os.getpid()}"
    folder.mkdir(exist_ok=True)  # a run that was killed may have left it
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(folder)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(arguments: list[str]) -> int:
    """Run the chosen parts; 1 when one failed."""
    chosen = _arguments(arguments)
    todo = [part for part in parts() if not chosen.only or part.name in chosen.only]
    live = len(todo) == 1 or chosen.jobs == 1

    def carry_out(part: Part) -> Result:
        with _printing:
            print(f"... {part.name}", flush=True)
        result = run(part, options=chosen.options, live=live)
        _section(result, live=live)
        return result

    started = time.monotonic()
    for environment in dict.fromkeys(part.environment for part in todo if not part.missing):
        threading.Thread(target=_set_up, args=(environment,), daemon=True).start()
    with _quick_files():
        with ThreadPoolExecutor(max_workers=chosen.jobs) as pool:
            results = list(pool.map(carry_out, todo))
        results = [tried_again(result, options=chosen.options, live=live) for result in results]
    _table(results, seconds=time.monotonic() - started)
    return int(any(result.failed for result in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
