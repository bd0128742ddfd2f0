# SPDX-License-Identifier: GPL-3.0-or-later
"""Feeds damaged mesh files, answers and exchanges to the engine: nothing but its own errors may come out.

    python3 scripts/fuzz.py [--seconds 60] [--seed 0]

Starts from meshes of the local stand-in, from recorded answers of the service and from exchanges as they go over the
wire, and spoils them byte by byte and value by value. Each input also has a limit in time, and one in 16 is measured
for memory. Prints how many inputs had which outcome; what breaks a rule is kept and ends the run with exit code 1.
"""

from __future__ import annotations

import argparse
import base64
import copy
import json
import logging
import random
import re
import struct
import sys
import tempfile
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from environments import ROOT, elsewhere
from fuzz_exchanges import exchanges, wire_answers

__all__ = ["Report", "fuzz", "main"]

SECONDS_PER_INPUT: Final = 1.0
"""Of processor time; the inputs are a few hundred kilobytes at most."""
MEMORY_TIMES: Final = 50
"""Python's own objects take up to 100 bytes for two of JSON."""
MEMORY_BYTES: Final = 4_000_000
"""On top of that."""
MEASURED_EACH: Final = 16
Target = Callable[[bytes], str]
"""Gives the outcome in a few words; raises what comes out of the engine."""


@dataclass
class Report:
    """What came of it."""

    outcomes: Counter[str] = field(default_factory=Counter[str])
    findings: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])
    slowest_s: float = 0.0
    most_memory: float = 0.0
    """Peak by size of the input, for inputs above 10 kB."""

    @property
    def inputs(self) -> int:
        return self.outcomes.total()


def fuzz(*, seed: int, seconds: float | None = None, inputs: int | None = None) -> Report:
    """Run for so long, or for so many inputs; the same seed gives the same inputs.

    :param seconds: no limit where ``inputs`` is given.
    """
    from scenario_addon.engine.errors import ScenarioError

    chance, report = random.Random(seed), Report()
    until_s = time.monotonic() + (seconds or float("inf"))
    with tempfile.TemporaryDirectory() as folder, exchanges() as exchange:
        targets = [*_targets(Path(folder)), ("http", exchange, wire_answers())]
        for _, target, seeds in targets:
            target(seeds[0])  # what is made once is no input's fault
        while time.monotonic() < until_s and (inputs is None or report.inputs < inputs):
            name, target, seeds = targets[report.inputs % len(targets)]
            data = _spoiled(chance.choice(seeds), seeds, chance)
            is_measured = report.inputs % MEASURED_EACH < len(targets)
            try:
                outcome = _watched(target, data, report, is_measured=is_measured)
            except ScenarioError as error:
                outcome = f"{type(error).__name__}: {_shape(error.user_message)}"
            except Exception as error:  # noqa: BLE001 - this is what is looked for
                outcome = f"BROKEN {type(error).__name__}: {_shape(str(error))}"
                report.findings.append((f"{name}: {error!r}", data))
            report.outcomes[f"{name:4}  {outcome}"] += 1
    return report


def _watched(target: Target, data: bytes, report: Report, *, is_measured: bool) -> str:
    """Run the target within its limits of time and memory."""
    started_s = time.thread_time()
    if is_measured:
        tracemalloc.start()
    try:
        return target(data)
    finally:
        spent_s = time.thread_time() - started_s
        if is_measured:
            peak_bytes = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            if len(data) > 10_000:
                report.most_memory = max(report.most_memory, peak_bytes / len(data))
            if peak_bytes > MEMORY_TIMES * len(data) + MEMORY_BYTES:
                report.findings.append((f"{peak_bytes} bytes of memory for {len(data)}", data))
        else:
            report.slowest_s = max(report.slowest_s, spent_s)
            if spent_s > SECONDS_PER_INPUT:
                report.findings.append((f"{spent_s:.1f} s for {len(data)} bytes", data))


def _shape(sentence: str) -> str:
    """A sentence without what differs from input to input."""
    return re.sub(r"'[^']*'|(?<=extension )\S+|\d+", "_", sentence)[:100].encode("ascii", "replace").decode()


# -- what is fed with it


def _targets(folder: Path) -> Iterator[tuple[str, Target, list[bytes]]]:
    def read_glb(data: bytes) -> str:
        return _read_mesh(data, folder / "mesh.glb")

    def read_gltf(data: bytes) -> str:
        return _read_mesh(data, folder / "mesh.gltf")

    meshes = _meshes()
    texts = [_unpacked(data, folder / "mesh.bin" if not number else None) for number, data in enumerate(meshes)]
    answers = sorted((ROOT / "tests/engine/examples").glob("*.json"))
    yield "glb", read_glb, meshes
    yield "gltf", read_gltf, texts
    yield "wire", _read_answer, [path.read_bytes() for path in answers]


def _read_mesh(data: bytes, path: Path) -> str:
    """Check it, and its mended copy, which has no flaw left."""
    from scenario_addon.engine.mending import check
    from scenario_addon.engine.mending.mending import mended_copy

    path.write_bytes(data)
    info = check.inspect(path)
    if not info.triangles:
        raise AssertionError("accepted without triangles")
    copies = path.parent / "copies"
    copies.mkdir(exist_ok=True)
    made = mended_copy(path, copies)
    if made is None:
        return "accepted"
    copy = check.inspect(made.path)
    if (copy.triangles, copy.flaws) != (info.triangles, ()) or made.told != info.flaws:
        raise AssertionError("the copy is another mesh, or has a flaw")
    return "accepted, mended"


def _meshes() -> list[bytes]:
    """A small mesh of the stand-in, with and without textures, and the triangle of the tests, plain and sparse."""
    from tests.engine.gltf_samples import pack_glb, triangle_glb, triangle_with
    from tests.service.recipe import Recipe
    from tests.service.results import make_outputs

    common: dict[str, Any] = {"files": "glb", "words": "chair", "views": (), "scale": 1.0, "choice": ""}
    mesh: dict[str, Any] = {"target": 60, "unit": "faces", "roughness": 0.5}
    made = [make_outputs(Recipe(**common, **mesh, texture_px=size, pbr=bool(size))) for size in (None, 64)]
    part = {"count": 1, "indices": {"bufferView": 1, "componentType": 5123}, "values": {"bufferView": 0}}
    sparse = pack_glb(triangle_with("accessors.0.sparse", part))
    return [triangle_glb(), sparse, *(outputs[0].data for outputs in made)]


def _unpacked(data: bytes, sidecar: Path | None) -> bytes:
    """A GLB as glTF, its binary part in a file beside it or in the text."""
    text = _json_of(data)
    gltf, binary = json.loads(text), data[28 + len(text) :]
    gltf["buffers"][0]["uri"] = "mesh.bin" if sidecar else "data:;base64," + base64.b64encode(binary).decode()
    if sidecar:
        sidecar.write_bytes(binary)
    return json.dumps(gltf).encode()


def _json_of(data: bytes) -> bytes:
    length = struct.unpack_from("<I", data, 12)[0]
    return data[20 : 20 + length]


class _Line:
    """Stands where Http does and gives the same answer to everything, once; then an empty page."""

    def __init__(self, answer: Any) -> None:
        self._answers = [answer]

    def call(self, *_: Any, **__: Any) -> Any:
        return self._answers.pop() if self._answers else {"models": [], "jobs": []}


def _read_answer(data: bytes) -> str:
    """Let every call of the client have the answer."""
    from scenario_addon.engine.api.client import ScenarioClient
    from scenario_addon.engine.api.wire import ErrorBody, parse
    from scenario_addon.engine.errors import ScenarioError
    from scenario_addon.engine.models.catalogue import Catalogue
    from scenario_addon.engine.net.json_text import read_json
    from scenario_addon.engine.values import AssetId, ModelId, RemoteJobId

    try:
        answer = read_json(data)
    except ValueError:
        return "not JSON"
    model = ModelId("model_x")
    calls: list[Callable[[ScenarioClient], Any]] = [
        lambda client: list(client.models()),
        lambda client: Catalogue(None, "fuzz").fetch(model, client).defaults(),
        lambda client: client.quote(model, {}),
        lambda client: client.submit(model, {}),
        lambda client: client.job(RemoteJobId("job_x")),
        lambda client: list(client.recent_jobs(pages=2)),
        lambda client: client.assets([AssetId("asset_x")]),
        lambda client: client.asset(AssetId("asset_x")),
        lambda client: parse(ErrorBody, answer).text,
    ]
    understood = 0
    for call in calls:
        with suppress(ScenarioError):
            call(ScenarioClient(_Line(answer)))  # type: ignore[arg-type]
            understood += 1
    return f"understood by {understood} of {len(calls)} calls"


# -- how it is spoiled

_NUMBERS: Final = (0, 1, 3, 4, 255, 256, 65535, 2**31 - 1, 2**31, 2**32 - 1)
_VALUES: Final = (
    None, True, False, -1, 0, 1, 2, 3, 5126, 2**31, 2**53, 2**63, 10**400, 0.5, 1e308, float("inf"), float("nan"), "",
    "2.0", "POSITION", "VEC3", "../../secret", "file:///etc/hostname", "http://127.0.0.1/x", "mesh.bin",
    "data:;base64,AAAA", "data:,x", "\0", "\ud800", "KHR_texture_basisu", [], {}, [[]], [{}], {"": None},
)  # fmt: skip


def _spoiled(data: bytes, seeds: list[bytes], chance: random.Random) -> bytes:
    """The input with a few things changed; mostly values, because most changed bytes are noticed at once."""
    ways = (_spoil_tree,) if chance.random() < 0.8 else (_spoil_tree, _spoil_bytes, _splice)
    for _ in range(chance.choice((1, 1, 1, 2, 4, 16))):
        data = chance.choice(ways)(data, seeds, chance)[: 1 << 20]
    return data


def _spoil_bytes(data: bytes, seeds: list[bytes], chance: random.Random) -> bytes:
    if not data:
        return chance.randbytes(8)
    at = chance.randrange(min(len(data), chance.choice((32, 2048, 1 << 30))))
    end = at + chance.choice((1, 2, 4, 64, 4096))
    match chance.randrange(5):
        case 0:
            return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
        case 1:
            return data[:at] + struct.pack("<I", chance.choice(_NUMBERS)) + data[at + 4 :]
        case 2:
            return data[:at] + data[end:]
        case 3:
            return data[:end] + data[at:]
        case _:
            return data[:at] + chance.randbytes(chance.choice((1, 4, 32))) + data[at:]


def _splice(data: bytes, seeds: list[bytes], chance: random.Random) -> bytes:
    other = chance.choice(seeds)
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


def _spoil_tree(data: bytes, seeds: list[bytes], chance: random.Random) -> bytes:
    """Change a value of the JSON; a GLB is put together again, with lengths that fit."""
    is_glb = data[:4] == b"glTF" and len(data) >= 20
    text = _json_of(data) if is_glb else data
    try:
        tree = [json.loads(text)]
        _change(tree, chance)
        changed = json.dumps(tree[0]).encode()
    except (ValueError, RecursionError):
        return _spoil_bytes(data, seeds, chance)
    if chance.random() < 0.02:
        depth = chance.choice((50, 500, 5_000, 100_000))
        changed = changed[:-1] + b',"deep":' + b"[" * depth + b"]" * depth + b"}"
    if not is_glb:
        return changed
    changed += b" " * (-len(changed) % 4)
    rest = data[20 + len(text) :]
    return struct.pack("<4sIIII", b"glTF", 2, 20 + len(changed) + len(rest), len(changed), 0x4E4F534A) + changed + rest


def _change(tree: list[Any], chance: random.Random) -> None:
    """One change at a random place."""
    places: list[tuple[Any, Any]] = []
    waiting: list[Any] = [tree]
    while waiting:
        place = waiting.pop()
        keys = list(place) if isinstance(place, dict) else range(len(place))
        places += [(place, key) for key in keys]
        waiting += [place[key] for key in keys if isinstance(place[key], dict | list)]
    place, key = chance.choice(places)
    old = place[key]
    match chance.randrange(6):
        case 0 if place is not tree:
            del place[key]
        case 1 if isinstance(old, list):
            place[key] = old * chance.choice((2, 20, 2000)) if len(json.dumps(old)) < 500 else old[::-1]
        case 2:
            source, name = chance.choice(places)
            place[key] = copy.deepcopy(source[name])
        case 3 if type(old) is int:
            place[key] = old + chance.choice((-4, -1, 1, 4, 2**16))
        case 4 if isinstance(place, dict):
            place[chance.choice([name for _, name in places if isinstance(name, str)])] = place.pop(key)
        case _:
            place[key] = copy.deepcopy(chance.choice(_VALUES))


# -- the command


def main(arguments: list[str]) -> int:
    """Fuzz and tell; 1 when a rule was broken."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="how long (default: %(default)g)")
    parser.add_argument("--seed", type=int, default=0, help="another one gives other inputs (default: %(default)d)")
    chosen = parser.parse_args(arguments)
    if (code := elsewhere("engine", __file__, arguments)) is not None:
        return code
    sys.path.insert(0, str(ROOT))
    logging.disable()
    report = fuzz(seed=chosen.seed, seconds=chosen.seconds)
    for outcome, count in sorted(report.outcomes.items(), key=lambda item: (item[0][:4], -item[1])):
        print(f"{count:9}  {outcome}")
    print(f"\n{report.inputs} inputs, seed {chosen.seed}")
    print(f"the slowest took {report.slowest_s * 1e3:.0f} ms, the greediest {report.most_memory:.1f} times its size")
    if report.findings:
        kept = Path(tempfile.mkdtemp(prefix="fuzz-"))
        for number, (what, data) in enumerate(report.findings[:100]):
            (kept / f"{number:02}").write_bytes(data)
            print(f"BROKEN {kept / f'{number:02}'}  {what[:200]}")
    print(f"{len(report.findings)} rules broken")
    return int(bool(report.findings))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
