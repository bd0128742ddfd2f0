# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a mesh of each picture of a folder in a process of its own, and prints how long that took, in seconds.

    python -m benchmarks.throughput_probe WAY AT_ONCE RECORD_S FOLDER

WAY is ``ours``, or a straightforward script on the official SDK: ``pool``, of so many threads, or ``sequential``.
RECORD_S is how long the model's record says that a job takes, which the scripts do not look at.
"""

from __future__ import annotations

import base64
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Final

_MODEL: Final = "model_hunyuan-3d-v2-1"
_VALUES: Final = {"paint": False, "targetFaceNum": 100}
_BEAT_S: Final = 3.0


def main(arguments: Sequence[str]) -> int:
    way, at_once, record_s, folder = arguments[0], int(arguments[1]), float(arguments[2]), Path(arguments[3])
    pictures, out = sorted((folder / "pictures").iterdir()), folder / "out"
    out.mkdir()
    make = partial(_ours, record_s=record_s, folder=folder) if way == "ours" else _script
    seconds = make(pictures, out=out, at_once=1 if way == "sequential" else at_once)
    print(seconds)
    return 0 if len(list(out.glob("*.glb"))) == len(pictures) else 1


def _ours(pictures: Sequence[Path], *, out: Path, at_once: int, record_s: float, folder: Path) -> float:
    from scenario_addon.engine.batch.batch import Item, run_items
    from scenario_addon.engine.cli.teller import Teller
    from scenario_addon.engine.pace.clock import SystemClock
    from scenario_addon.engine.pictures.file import inspect
    from scenario_addon.engine.pipeline.connection import connect
    from scenario_addon.engine.pipeline.pricing import Prices
    from scenario_addon.engine.report.report import Report
    from scenario_addon.engine.report.tally import Tally
    from scenario_addon.engine.settings import credentials_from_environment
    from scenario_addon.engine.terminal.progress import Progress
    from scenario_addon.engine.values import ModelId, Order, PictureInput

    def items() -> Iterator[Item]:
        for picture in pictures:
            given = PictureInput("image", is_list=False, images=(inspect(picture),))
            yield Item(
                picture.name,
                Order(
                    model_id=ModelId(_MODEL),
                    model_name="Hunyuan",
                    pictures=(given,),
                    values=_VALUES,
                    name=picture.stem,
                    folder=out,
                    expected_s=record_s,
                ),
            )

    credentials, clock = credentials_from_environment(), SystemClock()
    assert credentials is not None
    began_s = time.monotonic()
    with (
        closing(connect(credentials, folder / "state", workers=8, prices=Prices())) as connection,
        Path(os.devnull).open("w") as nowhere,
    ):
        printed, sys.stdout = sys.stdout, nowhere
        report = Report(folder / "report.json", clock, goes_on=True)
        teller = Teller(Progress(nowhere), clock, Tally(clock, len(pictures)), report)
        run_items(connection, items(), at_once=at_once, again=False, host=None, watcher=teller)
        teller.end(is_complete=True)
        sys.stdout = printed
    return time.monotonic() - began_s


def _script(pictures: Sequence[Path], *, out: Path, at_once: int) -> float:
    import httpx
    import scenario_sdk

    sdk: Any = scenario_sdk.Scenario(
        api_key=os.environ["SCENARIO_SDK_API_KEY"],
        api_secret=os.environ["SCENARIO_SDK_API_SECRET"],
        base_url=os.environ["SCENARIO_BASE_URL"],
    )

    def make(picture: Path) -> None:
        image = sdk.assets.upload(name=picture.name, image=base64.b64encode(picture.read_bytes()).decode())
        job = sdk.generate.run_model(_MODEL, body={"image": image.asset.id, **_VALUES}).job
        while job.status not in ("success", "failure", "canceled"):
            time.sleep(_BEAT_S)
            job = sdk.jobs.retrieve(job.job_id).job
        for asset_id in job.metadata.asset_ids:
            asset = sdk.assets.retrieve(asset_id).asset
            if asset.mime_type == "model/gltf-binary":
                out.joinpath(f"{picture.stem}.glb").write_bytes(httpx.get(asset.url).content)
                return

    began_s = time.monotonic()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(make, pictures))
    return time.monotonic() - began_s


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
