# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes so many items in a process of its own, against the stand-in, and prints its peak of memory in MB.

    python -m benchmarks.batch_probe ITEMS AT_ONCE FOLDER

The items are made when they are wanted, as those of a manifest are. Pauses take a hundredth of their time.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from torture import HurriedClock

from scenario_addon.engine.batch.batch import Item, run_items
from scenario_addon.engine.cli.teller import Teller
from scenario_addon.engine.pictures.file import inspect
from scenario_addon.engine.pipeline.connection import connect
from scenario_addon.engine.pipeline.pricing import Prices
from scenario_addon.engine.report.report import Report
from scenario_addon.engine.report.tally import Tally
from scenario_addon.engine.settings import credentials_from_environment
from scenario_addon.engine.terminal.progress import Progress
from scenario_addon.engine.values import ModelId, Order, PictureInput

from .memory import own_peak_mb


def main(arguments: list[str]) -> int:
    count, at_once, folder = int(arguments[0]), int(arguments[1]), Path(arguments[2])
    picture, clock = inspect(folder / "picture.png"), HurriedClock()
    usual = Order(
        model_id=ModelId("model_hunyuan-3d-v2-1"),
        model_name="Hunyuan",
        pictures=(PictureInput("image", is_list=False, images=(picture,)),),
        values={},
        name="",
        folder=folder / "out",
    )

    def items() -> Iterator[Item]:
        for number in range(count):
            values = {"paint": False, "targetFaceNum": 100, "seed": number}
            yield Item(f"{number}.png", replace(usual, name=str(number), values=values, unpriced=("seed",)))

    credentials = credentials_from_environment()
    assert credentials is not None
    with (
        closing(
            connect(credentials, folder / "state", workers=8, clock=clock, sleep=clock.sleep, prices=Prices())
        ) as connection,
        Path(os.devnull).open("w") as nowhere,
    ):
        sys.stdout = nowhere
        report = Report(folder / "report.json", clock, goes_on=True)
        teller = Teller(Progress(nowhere), clock, Tally(clock, count), report)
        run_items(connection, items(), at_once=at_once, again=False, host=None, watcher=teller)
        teller.end(is_complete=True)
        sys.stdout = sys.__stdout__
    print(own_peak_mb())
    return 0 if teller.tally.done == count else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
