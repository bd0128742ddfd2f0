# SPDX-License-Identifier: GPL-3.0-or-later
"""How much memory a process that reads a mesh may take, so that the artist's Blender keeps the rest.

On Linux the process limits itself, by what it may allocate: its address space is no measure, because libraries and
threads reserve a gigabyte and more of it that they never use. On Windows it is put into a job object, and on macOS,
which enforces no limit, it is watched. Where none of that works, it runs without a limit.
"""

from __future__ import annotations

import ctypes
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

__all__ = ["allowance_bytes", "confine_this_process", "confined", "is_exhausted"]

log = logging.getLogger(__name__)

_SHARE: Final = 0.7
"""Of what the machine has left."""
_LEAST_BYTES: Final = 1 << 30
"""A child needs some 0.3 GB before it reads anything: with less than this no mesh would come in at all."""
_LOOK_S: Final = 0.25
_EXPENDABLE: Final = "500"
"""Half of what can be added to how readily Linux ends a process that is in the way."""
_SIGNS: Final = (
    "alloc returns null",  # Blender's own words for Malloc, Calloc and the like
    "bad_alloc",
    "memoryerror",
    "cannot allocate memory",
)
"""What is said where memory runs out, in lower case."""
_LIMITS: Final = 9
"""JobObjectExtendedLimitInformation."""
_PROCESS_MEMORY: Final = 0x100
"""JOB_OBJECT_LIMIT_PROCESS_MEMORY."""


def allowance_bytes(beside_bytes: int = 0) -> int | None:
    """Give what a process may take, by what the machine has left now; ``None`` where that cannot be known.

    :param beside_bytes: what others may need meanwhile.
    """
    try:
        free_bytes = _free_bytes()
    except (OSError, ValueError, AttributeError) as error:
        log.debug("nobody knows how much memory is left: %s", error)
        return None
    return max(_LEAST_BYTES, int(free_bytes * _SHARE) - beside_bytes)


def is_exhausted(text: str) -> bool:
    """Whether somebody's words mean that memory has run out."""
    return any(sign in text.lower() for sign in _SIGNS)


def confine_this_process(limit_bytes: int | None) -> None:
    """Have this process get no more than so much memory, where the system does that."""
    if limit_bytes is None or sys.platform != "linux":
        return
    import resource

    with suppress(OSError):  # where memory runs out all the same, this one goes, and not the artist's
        Path("/proc/self/oom_score_adj").write_text(_EXPENDABLE)
    with suppress(OSError, OverflowError, ValueError):  # it has less already, or nobody has so much
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (limit_bytes, most))


@contextmanager
def confined(process: subprocess.Popen[bytes], limit_bytes: int | None, end: Callable[[], None]) -> Iterator[None]:
    """Keep another process within its limit for as long as the context lasts, where it cannot do that itself.

    :param end: called, from another thread, when it has taken more.
    """
    over = threading.Event()
    if limit_bytes is not None and sys.platform == "win32":
        _put_into_job(process, limit_bytes)
    elif limit_bytes is not None and sys.platform == "darwin":
        threading.Thread(target=_watch, args=(process, limit_bytes, end, over), daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _watch(process: subprocess.Popen[bytes], limit_bytes: int, end: Callable[[], None], over: threading.Event) -> None:
    """Look at a process again and again until it takes more than it may. Runs in a thread of its own."""
    command = ("ps", "-o", "rss=", "-p", str(process.pid))
    while not over.wait(_LOOK_S) and process.poll() is None:
        try:
            taken_bytes = int(subprocess.run(command, capture_output=True, check=True, timeout=10).stdout) * 1024
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            log.debug("nobody knows how much memory a process takes: %s", error)
            return
        if taken_bytes > limit_bytes:
            end()
            return


# -- how much is left


def _free_bytes() -> int:
    """:raises OSError, ValueError, AttributeError: it cannot be known."""
    if sys.platform == "linux":
        return min(_available_bytes(Path("/proc/meminfo").read_text()), *_left_in_groups(Path("/sys/fs/cgroup")))
    if sys.platform == "win32":
        status = _MemoryStatus(dwLength=ctypes.sizeof(_MemoryStatus))
        if not ctypes.WinDLL("kernel32").GlobalMemoryStatusEx(ctypes.byref(status)):
            raise OSError("GlobalMemoryStatusEx failed")
        return status.ullAvailPhys
    # macOS says how much there is; half of that it gives away when asked, by what it compresses and drops.
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


def _available_bytes(meminfo: str) -> int:
    return next(int(line.split()[1]) * 1024 for line in meminfo.splitlines() if line.startswith("MemAvailable:"))


def _left_in_groups(root: Path) -> Iterator[int]:
    """What each control group around this process has left: a container has less than its machine."""
    yield sys.maxsize
    with suppress(OSError, ValueError):
        own = Path("/proc/self/cgroup").read_text().rpartition("::")[2].strip().lstrip("/")
        for group in (root / own, *(root / own).parents):
            if (group / "memory.max").exists():
                most = (group / "memory.max").read_text().strip()
                if most != "max":
                    yield max(0, int(most) - int((group / "memory.current").read_text()))
            if group == root:
                return


# -- Windows


class _MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX."""

    _fields_ = [("dwLength", ctypes.c_uint32), ("dwMemoryLoad", ctypes.c_uint32)] + [
        (name, ctypes.c_uint64)
        for name in (
            *("ullTotalPhys", "ullAvailPhys", "ullTotalPageFile", "ullAvailPageFile"),
            *("ullTotalVirtual", "ullAvailVirtual", "ullAvailExtendedVirtual"),
        )
    ]


class _JobLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION, its two inner structures laid out in place."""

    _fields_ = [
        ("PerProcessUserTimeLimit", ctypes.c_int64),
        ("PerJobUserTimeLimit", ctypes.c_int64),
        ("LimitFlags", ctypes.c_uint32),
        ("MinimumWorkingSetSize", ctypes.c_size_t),
        ("MaximumWorkingSetSize", ctypes.c_size_t),
        ("ActiveProcessLimit", ctypes.c_uint32),
        ("Affinity", ctypes.c_size_t),
        ("PriorityClass", ctypes.c_uint32),
        ("SchedulingClass", ctypes.c_uint32),
        ("IoInfo", ctypes.c_uint64 * 6),
        ("ProcessMemoryLimit", ctypes.c_size_t),
        ("JobMemoryLimit", ctypes.c_size_t),
        ("PeakProcessMemoryUsed", ctypes.c_size_t),
        ("PeakJobMemoryUsed", ctypes.c_size_t),
    ]


def _put_into_job(process: subprocess.Popen[bytes], limit_bytes: int) -> None:
    """Put a process into a job object of its own, which lasts as long as the process does."""
    try:
        kernel32: Any = ctypes.WinDLL("kernel32")  # pyright: ignore[reportAttributeAccessIssue] - on Windows
        kernel32.CreateJobObjectW.restype = ctypes.c_void_p
        job = ctypes.c_void_p(kernel32.CreateJobObjectW(None, None))
        limits = _JobLimits(LimitFlags=_PROCESS_MEMORY, ProcessMemoryLimit=limit_bytes)
        own: Any = process
        done = bool(
            job.value
            and kernel32.SetInformationJobObject(job, _LIMITS, ctypes.byref(limits), ctypes.sizeof(limits))
            and kernel32.AssignProcessToJobObject(job, ctypes.c_void_p(int(own._handle)))
        )
        if job.value:
            kernel32.CloseHandle(job)
    except (OSError, AttributeError, TypeError, ValueError) as error:
        log.debug("a process runs without a limit: %s", error)
        return
    if not done:
        log.debug("a process runs without a limit: Windows does not put it into a job")
