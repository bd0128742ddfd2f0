# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension speaks the language that Blender is used in, from the moment that it is chosen."""

import re

import pytest
from words import catalogue_of

from tests.gui.driver import TALL, Window
from tests.profile import Profile
from tests.service import Service


@pytest.mark.one_window
@pytest.mark.parametrize("locale", ["de_DE", "ja_JP"])
def test_the_tab_is_in_the_language_of_blender_at_once_and_in_english_again(
    profile: Profile, service: Service, picture: str, locale: str
) -> None:
    walk, arguments = "tests.gui.walk_words:speaks", {"picture": picture, "locale": locale}
    with Window(profile, walk, environment=service.environment, arguments=arguments, size=TALL) as window:
        found = window.result()
    words = catalogue_of(locale)
    assert found["button"].startswith(words["Generate"])
    assert {words["Settings"], words["Placement"]} <= _headings(found["tab"])
    assert {"Settings", "Placement"} <= _headings(found["english again"])


def _headings(texts: list[str]) -> set[str]:
    return {re.split("[:\uff1a]", text)[0].rstrip("\u00a0") for text in texts}
