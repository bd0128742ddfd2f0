# SPDX-License-Identifier: GPL-3.0-or-later
"""Which way requests take: the environment wins over the preferences, and those over the system."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from scenario_addon.engine.errors import ConfigError
from scenario_addon.engine.net import proxies
from scenario_addon.engine.net.proxies import DIRECT, way_to
from scenario_addon.engine.values import Network

URL = "https://api.example/v1"
TYPED = Network(proxy="typed:8080", proxy_user="zoe", proxy_password="hush")


@pytest.fixture(autouse=True)
def system(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The system's own proxies, as macOS and Windows have them; changes count."""
    found: dict[str, str] = {}

    def of_the_system() -> Mapping[str, str]:
        return proxies.getproxies_environment() or found

    monkeypatch.setattr(proxies, "getproxies", of_the_system)
    return found


def test_without_any_proxy_the_way_is_direct() -> None:
    assert way_to(URL, Network()) is DIRECT
    assert str(DIRECT) == "direct connection"


def test_the_environment_wins_over_the_preferences_and_those_over_the_system(
    system: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    system["https"] = "http://system:1"
    assert str(way_to(URL, Network())) == "through the proxy system:1 (from the system's settings)"
    assert str(way_to(URL, TYPED)) == "through the proxy typed:8080 (from the preferences)"
    monkeypatch.setenv("ALL_PROXY", "environment:2")
    assert str(way_to(URL, TYPED)) == "through the proxy environment:2 (from ALL_PROXY)"
    monkeypatch.setenv("https_proxy", "environment:3")
    assert str(way_to(URL, TYPED)) == "through the proxy environment:3 (from HTTPS_PROXY)"


def test_none_is_none_but_for_the_environment(system: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    system["https"] = "http://system:1"
    assert way_to(URL, Network(proxy=None)) is DIRECT
    monkeypatch.setenv("HTTPS_PROXY", "environment:3")
    assert way_to(URL, Network(proxy=None)).proxy is not None


@pytest.mark.parametrize("exception", ["api.example", ".example", "*", "other, api.example"])
def test_what_is_excepted_is_reached_directly(monkeypatch: pytest.MonkeyPatch, exception: str) -> None:
    monkeypatch.setenv("NO_PROXY", exception)
    assert way_to(URL, TYPED) is DIRECT
    assert exception == "*" or way_to("https://elsewhere.test/", TYPED).proxy is not None


def test_what_the_system_excepts_is_reached_directly(system: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    system["https"] = "http://system:1"
    # what requests asks on macOS and Windows, where the environment says nothing
    monkeypatch.setattr("requests.utils.proxy_bypass", lambda host: host == "api.example")
    assert way_to(URL, Network()) is DIRECT
    assert way_to("https://files.example/", Network()).proxy is not None


def test_user_and_password_are_given_to_the_typed_proxy_alone(
    system: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = way_to(URL, TYPED).proxy
    assert found is not None
    assert (found.user, found.password) == ("zoe", "hush")
    system["https"] = "http://system:1"
    found = way_to(URL, Network(proxy_user="zoe", proxy_password="hush")).proxy
    assert found is not None and not found.user
    monkeypatch.setenv("HTTPS_PROXY", "environment:3")
    found = way_to(URL, TYPED).proxy
    assert found is not None and not found.user


def test_nothing_secret_is_printed() -> None:
    assert "hush" not in f"{way_to(URL, TYPED)!r}{way_to(URL, TYPED)}{TYPED!r}"


@pytest.mark.parametrize(
    ("variable", "network", "said"),
    [
        ("socks5://zoe:hush@proxy", Network(), "The address in HTTPS_PROXY names a SOCKS proxy"),
        (None, Network(proxy="socks5://proxy"), "The proxy's address in the preferences names a SOCKS proxy"),
        (None, Network(proxy="proxy", proxy_user="a:b"), "The proxy's user name in the preferences holds a colon"),
    ],
)
def test_an_address_that_cannot_be_used_says_where_it_is_from(
    monkeypatch: pytest.MonkeyPatch, variable: str | None, network: Network, said: str
) -> None:
    if variable:
        monkeypatch.setenv("HTTPS_PROXY", variable)
    with pytest.raises(ConfigError) as caught:
        way_to(URL, network)
    assert caught.value.user_message.startswith(said)
    assert "hush" not in caught.value.user_message
