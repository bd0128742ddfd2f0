# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: one parser for ``python -m scenario_addon`` and ``blender --command scenario``.

Results go to standard output, one line for each; progress and complaints to standard error. Both are UTF-8 where they
are not a terminal.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager

from ..errors import LedgerInDoubt, ScenarioError
from ..host import Host
from ..pace.clock import Clock, SystemClock
from ..terminal.interrupt import Interrupted, Interrupts
from ..terminal.progress import Progress
from ..terminal.streams import is_left, make_legible
from .arguments import parse
from .call import AGAIN, Call
from .exits import INTERRUPTED, SOME_FAILED, WRONG_USAGE, exit_code

__all__ = ["main"]


def main(
    argv: Sequence[str],
    *,
    host: Host | None = None,
    environment: Mapping[str, str] = os.environ,
    clock: Clock | None = None,
) -> int:
    """Run a command; what goes wrong is told on standard error, and never exits.

    :param host: the Blender around it, if there is one.
    :param clock: what pauses between looks at the service are measured with, the system's by default.
    :return: the exit code, as the README lists them.
    """
    for stream in (sys.stdout, sys.stderr):
        make_legible(stream)
    progress = Progress(sys.stderr)
    try:
        args = parse(argv)
        with _log(verbose=args.verbose), Interrupts() as interrupts:
            code = _run(Call(args, host, environment, progress, clock or SystemClock(), interrupts))
        sys.stdout.flush()
        return code
    except SystemExit as exit_:  # --help and --version
        return exit_.code if isinstance(exit_.code, int) else WRONG_USAGE
    except Interrupted:
        return INTERRUPTED
    except KeyboardInterrupt:
        progress.line("Interrupted: what has been started goes on at the service; `resume` fetches it.")
        return INTERRUPTED
    except OSError as error:
        if not is_left(error):  # whoever read the results has seen enough
            progress.line(f"scenario: {error.strerror or error}.")
        return SOME_FAILED
    except ScenarioError as error:
        progress.line(f"scenario: {error.user_message}" + (AGAIN if isinstance(error, LedgerInDoubt) else ""))
        return exit_code(error)
    finally:
        progress.close()


def _run(call: Call) -> int:
    """:raises ScenarioError: what went wrong, with what is behind it."""
    try:
        code: int = call.args.run(call)
        return code
    except ScenarioError as error:
        if (explained := call.explained(error)) is error:
            raise
        raise explained from error


@contextmanager
def _log(*, verbose: bool) -> Generator[None, None, None]:
    """Log the engine's own messages to standard error; other libraries' would show signed addresses."""
    logger, handler = logging.getLogger(__name__.rpartition(".")[0]), logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    level = logger.level
    logger.setLevel(logging.DEBUG if verbose else logging.ERROR)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
