# SPDX-License-Identifier: GPL-3.0-or-later
"""Play with a local stand-in of the Scenario service: no account, no costs, nothing leaves this computer.

Prints the variables to export (on Windows to set, as cmd.exe does), then a line per request; Ctrl-C ends it.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

import environments

if TYPE_CHECKING:
    from tests.service import Request


def main(given: Sequence[str]) -> int:
    """Serve until interrupted, in the environment of the demo, which has what the stand-in needs."""
    arguments = _parser().parse_args(given)
    try:
        code = environments.elsewhere("demo", __file__, given)
        return _serve(arguments) if code is None else code
    except KeyboardInterrupt:
        print()
    except environments.SetupError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(
            f"Cannot listen on port {arguments.port}: {error.strerror}. Choose another with --port.",
            file=sys.stderr,
        )
        return 1
    return 0


def _serve(arguments: argparse.Namespace) -> NoReturn:
    sys.path.insert(0, str(environments.ROOT))
    from tests.service import Service

    with Service(port=arguments.port, job_seconds=arguments.job_seconds, on_request=_show) as service:
        for name, value in service.environment.items():
            print(f"{'set' if os.name == 'nt' else 'export'} {name}={value}")
        print(f"# files on {service.files_url}; Ctrl-C ends", flush=True)
        while True:  # not an Event: on Windows Ctrl-C does not end the wait for one
            time.sleep(3600)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of the API; files get the next one (default: free ones)")
    parser.add_argument("--job-seconds", type=float, default=20.0, help="length of a job (default: %(default)g)")
    return parser


def _show(request: Request) -> None:
    clock = time.strftime("%H:%M:%S")
    print(
        f"{clock}  {request.origin:5}  {request.status or '---'}  {request.method:4} {request.path}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
