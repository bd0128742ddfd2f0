# SPDX-License-Identifier: GPL-3.0-or-later
"""A Slurm of one node on this machine, with its files in one folder; needs slurmctld, slurmd and munge.

As root, or as the user who runs it, whose jobs are then the only ones. Nothing of the system's own Slurm is touched.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final

__all__ = ["Cluster", "ClusterError", "missing"]

PROGRAMS: Final = {"slurmctld": "slurmctld", "slurmd": "slurmd", "munged": "munge", "sbatch": "slurm-client"}
"""What has to be there, and Debian's package of it."""
PATIENCE_S: Final = 60.0
_CPUS: Final = 8
"""So many tasks run at once, however many the machine has: they mostly wait."""
_CONF: Final = """\
ClusterName=demo
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/controller
SlurmdSpoolDir={folder}/node
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmdParameters=config_overrides
ProctrackType=proctrack/pgid
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=2,sched_min_interval=500000
ReturnToService=2
KillWait=10
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN
PartitionName=demo Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


class ClusterError(RuntimeError):
    """Slurm does not do as it is told; the sentence says what it said."""


def missing() -> list[str]:
    """The packages that have to be installed first."""
    paths = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    return sorted({package for program, package in PROGRAMS.items() if shutil.which(program, path=paths) is None})


class Cluster:
    """A running Slurm; a context manager.

    :param folder: empty, and nobody else's; its path may not be long, for there is a socket in it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._daemons: list[subprocess.Popen[bytes]] = []
        paths = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
        self.environment = {**os.environ, "PATH": paths, "SLURM_CONF": str(folder / "slurm.conf")}
        """For whoever calls Slurm's programs."""

    def __enter__(self) -> Cluster:
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(ClusterError):
            self._end_jobs()
        self._stop()

    def _end_jobs(self) -> None:
        """End what still runs, also what does not heed that, before nobody minds it any more."""
        self.run("scancel", "--user", self._user)
        until_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < until_s and self.run("squeue", "--noheader"):
            time.sleep(0.2)

    @property
    def _user(self) -> str:
        return subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()

    def run(self, *command: str | Path, environment: dict[str, str] | None = None) -> str:
        """Call one of Slurm's programs; gives what it prints.

        :raises ClusterError: it fails.
        """
        done = subprocess.run(
            [str(word) for word in command],
            env={**self.environment, **(environment or {})},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        if done.returncode:
            raise ClusterError(f"{command[0]}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout.strip()

    def states(self, job: str) -> dict[str, str]:
        """How each task of an array or a job stands, as Slurm's word for it, by its id."""
        told = self.run("squeue", "--noheader", "--array", "--states=all", f"--jobs={job}", "--format=%i %T")
        return dict(line.split() for line in told.splitlines())

    @property
    def version(self) -> str:
        return self.run("sbatch", "--version")

    def _start(self) -> None:
        self._folder.chmod(0o711)  # munge insists that everybody can get to its socket
        for name in ("controller", "node"):
            (self._folder / name).mkdir()
        key = self._folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(1024))
        host = socket.gethostname().partition(".")[0]
        ports = _free_ports(2)
        conf = _CONF.format(
            host=host,
            folder=self._folder,
            user=self._user,
            cpus=_CPUS,
            controller_port=ports[0],
            node_port=ports[1],
        )
        Path(self.environment["SLURM_CONF"]).write_text(conf, encoding="utf-8")
        munge = [
            f"--{name}={self._folder}/munge.{name.partition('-')[0]}" for name in ("socket", "pid-file", "log-file")
        ]
        self._daemon("munged", "--foreground", "--force", f"--key-file={key}", f"--seed-file={key}.seed", *munge)
        self._wait_for(lambda: (self._folder / "munge.socket").exists(), "munged")
        if self._release >= (24, 5):  # before that, the setting is not known
            (self._folder / "cgroup.conf").write_text("CgroupPlugin=disabled\n", encoding="utf-8")
        self._daemon("slurmctld", "-D", "-c")
        self._wait_for(lambda: "UP" in self.run("scontrol", "ping"), "slurmctld")
        self._daemon("slurmd", "-D", "-N", host)
        self._wait_for(lambda: "idle" in self.run("sinfo", "--noheader", "--format=%t"), "slurmd")

    @property
    def _release(self) -> tuple[int, int]:
        found = re.search(r"(\d+)\.(\d+)", self.version)
        return (int(found[1]), int(found[2])) if found else (0, 0)

    def _daemon(self, *command: str) -> None:
        with (self._folder / f"{command[0]}.out").open("wb") as log:
            self._daemons.append(
                subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            )

    def _wait_for(self, is_so: Callable[[], bool], name: str) -> None:
        """Wait until a daemon answers.

        :raises ClusterError: it does not; with the end of what it has said.
        """
        until_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < until_s and self._daemons[-1].poll() is None:
            with suppress(ClusterError):
                if is_so():
                    return
            time.sleep(0.2)
        said = (self._folder / f"{name}.out").read_text(encoding="utf-8", errors="replace")
        raise ClusterError(f"{name} does not start: {said[-2000:].strip()}")

    def _stop(self) -> None:
        for daemon in reversed(self._daemons):
            daemon.terminate()
            try:
                daemon.wait(20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        self._daemons.clear()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
