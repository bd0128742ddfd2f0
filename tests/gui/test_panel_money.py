# SPDX-License-Identifier: GPL-3.0-or-later
"""The Scenario tab in a window: nothing is paid twice or unasked, and a lost ledger can be restored."""

from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.ledger.job import State
from tests.engine.workbench import Workbench
from tests.gui.driver import Window
from tests.gui.quick_service import QuickService
from tests.profile import Profile
from tests.service import Service

WALKS = "tests.gui.walk_panel_money"


def _do(walk: str, profile: Profile, service: Service, *, state: Path | None = None, **arguments: str) -> Any:
    environment = {**service.environment, **({"SCENARIO_STATE_DIR": str(state)} if state else {})}
    with Window(profile, f"{WALKS}:{walk}", environment=environment, arguments=arguments) as window:
        return window.result()


@pytest.fixture
def lost(service: Service, tmp_path: Path) -> Path:
    """The state folder of somebody who paid for a mesh, and whose ledger is gone."""
    bench = Workbench(service, tmp_path)
    bench.carry(bench.job(target={"scene": "Scene", "location": [0, 0, 0]}), until=State.RUNNING)
    bench.close()
    bench.ledger.path.unlink()
    return bench.ledger.path.parent


@pytest.mark.one_window
def test_a_double_click_orders_once_and_the_same_again_only_after_a_yes(profile: Profile, picture: str) -> None:
    with QuickService(holds=True) as service:
        found = _do("orders_twice", profile, service, picture=picture)
        assert found == {"double click": 1, "Return": 1, "yes": 2}
        assert len(service.charges) == 2


@pytest.mark.one_window
def test_where_the_ledger_is_gone_nothing_is_ordered_and_its_backup_can_be_restored(
    profile: Profile, service: Service, lost: Path
) -> None:
    found = _do("finds_the_ledger_gone", profile, service, state=lost)
    said = " ".join(found["said"])
    assert "is gone, though there are backups of it" in said and "nothing is ordered" in said
    assert (found["ordered"], found["jobs"]) == (0, 1)
    assert "is gone" not in " ".join(found["then"])
    assert len(service.charges) == 1


@pytest.mark.one_window
def test_going_on_without_a_lost_ledger_takes_a_yes(profile: Profile, service: Service, lost: Path) -> None:
    assert _do("goes_on_without", profile, service, state=lost) == {"declined": True, "doubt": None}
