# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of today's columns, whatever columns an earlier run has written."""

from __future__ import annotations

import csv
from pathlib import Path

from scenario_addon.engine.report.former import Former
from scenario_addon.engine.report.outcome import COLUMNS
from scenario_addon.engine.report.table import HEADER, table_line
from tests.engine.report.samples import outcome

OLDER = [name for name in COLUMNS if name != "preview"]


def test_the_older_columns_keep_their_order_and_the_preview_follows_the_blend() -> None:
    assert [*("image", "model", "state", "job_id", "remote_id", "glb", "blend", "cost_cu", "seconds", "error")] == OLDER
    assert COLUMNS.index("preview") == COLUMNS.index("blend") + 1


def test_rows_of_an_older_table_stand_under_todays_columns(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    first, second = (outcome(number) for number in (1, 2))
    rows = [
        {
            "image": f"{n}.png",
            "model": one.job.order.model_id,
            "job_id": one.job.id,
            "glb": "a, b\n.glb",
            "blend": "b.blend",
            "cost_cu": "2",
        }
        for n, one in ((1, first), (2, second))
    ]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, OLDER)
        writer.writeheader()
        writer.writerows(rows)
    former = Former(path)
    known = former.item(first)
    assert known is not None
    former.take(first, known)
    [(text, cost_cu)] = former.left(set())
    [found] = csv.DictReader([HEADER, *text.splitlines(keepends=True)])
    assert {name: value for name, value in found.items() if value} == rows[1]
    assert cost_cu == 2


def test_what_is_not_known_is_an_empty_cell() -> None:
    assert table_line({"image": "a\0.png", "unknown": 1}) == "a.png" + "," * (len(COLUMNS) - 1) + "\r\n"
