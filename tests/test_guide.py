# SPDX-License-Identifier: GPL-3.0-or-later
"""The README and the guide lead to what is there, and speak of what there is."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
GUIDE: Final = ROOT / "scripts" / "guide"
PAGES: Final = [ROOT / "README.md", *sorted(GUIDE.glob("*.md"))]
_LINK: Final = re.compile(r"\]\(([^)#]+)(#[^)]*)?\)")
_LABEL: Final = re.compile(r"\*\*([A-Z][A-Za-z ]+)\*\*")
_ONE_SCREEN: Final = 60
"""Lines."""


def _targets(page: Path) -> list[str]:
    return [found[1] for found in _LINK.finditer(page.read_text(encoding="utf-8")) if "://" not in found[1]]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    missing = [target for target in _targets(page) if not (page.parent / target).exists()]
    assert not missing


def test_every_page_of_the_guide_is_linked_from_the_readme() -> None:
    linked = {(ROOT / target).resolve() for target in _targets(ROOT / "README.md")}
    assert set(GUIDE.glob("*.md")) <= linked


def test_every_picture_is_shown_and_was_taken_by_the_tour() -> None:
    shown = {(page.parent / target).resolve() for page in PAGES for target in _targets(page) if target.endswith(".png")}
    assert shown == set((GUIDE / "pictures").glob("*.png"))
    tour = (GUIDE / "tour.py").read_text(encoding="utf-8")
    assert {path.stem for path in shown} == set(re.findall(r'album\.take\("(\w+)"', tour))


def test_what_artists_read_in_the_readme_fits_on_a_screen() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = text.partition("## Run it from a script")[0].splitlines()
    assert 10 < len(lines) <= _ONE_SCREEN


def test_what_the_page_for_artists_calls_a_button_is_a_text_of_the_interface() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "scenario_addon").rglob("*.py"))
    labels = set(_LABEL.findall((GUIDE / "artists.md").read_text(encoding="utf-8")))
    assert labels
    assert not [label for label in labels if f'"{label}' not in sources]
