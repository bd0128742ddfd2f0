# SPDX-License-Identifier: GPL-3.0-or-later
"""The licences of the wheels that the zips carry, in one text: each wheel has its own inside."""

import email
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

__all__ = ["LicenceMissing", "licences_of"]

_HEAD: Final = """\
What this extension carries in its folder wheels/ was made by others. Each wheel is as its makers published it, with
its licence inside, where Blender installs it: NAME.dist-info/licenses. The same texts follow here."""
_COMPILED: Final = "It was compiled with these packages of Rust, each under its own licence:"


class LicenceMissing(RuntimeError):
    """A wheel carries no licence, so that it must not be given on; the message names it."""


def licences_of(wheels: Iterable[Path]) -> str:
    """Give name, version, licence and the licence's text of each distribution, and what was compiled into it."""
    sections: dict[str, tuple[str, set[str]]] = {}
    for wheel in wheels:
        title, text, crates = _section(wheel)
        sections.setdefault(title, (text, set()))[1].update(crates)
    parts = [_HEAD]
    for title, (text, crates) in sorted(sections.items()):
        parts.append(f"{'=' * len(title)}\n{title}\n{'=' * len(title)}\n\n{text}")
        if crates:
            parts.append("\n".join([_COMPILED, *sorted(crates)]))
    return "\n\n".join(parts) + "\n"


def _section(wheel: Path) -> tuple[str, str, set[str]]:
    """Read a wheel's title, licence and compiled packages; the title is the same for each of a release's wheels."""
    with zipfile.ZipFile(wheel) as content:
        inside = {name.partition(".dist-info/")[2]: name for name in content.namelist() if ".dist-info/" in name}
        about = email.message_from_bytes(content.read(inside["METADATA"]))
        texts = [content.read(inside[name]).decode() for name in sorted(inside) if name.startswith("licenses/")]
        boms = [json.loads(content.read(inside[name])) for name in inside if name.endswith(".cyclonedx.json")]
    if not texts or not about["License-Expression"]:
        raise LicenceMissing(f"{wheel.name} does not carry its licence; it cannot be packed.")
    title = f"{about['Name']} {about['Version']}: {about['License-Expression']}"
    crates = {_crate(entry) for bom in boms for entry in bom["components"] if entry.get("scope") != "excluded"}
    return title, "\n\n".join(text.replace("\r\n", "\n").strip() for text in texts), crates


def _crate(entry: dict[str, Any]) -> str:
    names = [licence.get("expression") or licence["license"].get("id", "") for licence in entry.get("licenses", [])]
    return f"  {entry['name']} {entry['version']}: {', '.join(filter(None, names))}"
