# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the zips share: a later version of one, a shop window for them, a checkout elsewhere."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from environments import ENVS, ROOT

__all__ = ["checkout", "later", "served"]


def later(archive: Path, folder: Path, *, version: str = "99.0.0") -> Path:
    """Make the zip of a higher version, the same but for that."""
    made = folder / re.sub(r"-\d+\.\d+\.\d+", f"-{version}", archive.name)
    with zipfile.ZipFile(archive) as before, zipfile.ZipFile(made, "w") as after:
        for name in before.namelist():
            data = before.read(name)
            if name == "blender_manifest.toml":
                data = re.sub(rb'(?m)^version = ".*"$', f'version = "{version}"'.encode(), data)
            after.writestr(name, data)
    return made


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Put a folder on a web server of this machine; gives the folder's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def checkout(folder: Path, *files: str) -> Path:
    """Copy the project, as a clone is, with new times; it has the wheels and Blender of this one, no more."""
    listed = subprocess.run(["git", "ls-files", "-z", *files], cwd=ROOT, check=True, capture_output=True, text=True)
    for name in filter(None, listed.stdout.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    (folder / ENVS.name).mkdir()
    for made in (*ENVS.glob("bpy-*"), ENVS / "wheels"):
        (folder / ENVS.name / made.name).symlink_to(made.resolve())
    return folder
