# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of proxies as people write them: understood, or refused in a sentence without the password."""

from __future__ import annotations

import pytest

from scenario_addon.engine.errors import ConfigError
from scenario_addon.engine.net.address import ProxyAddress, parse_proxy, without_login


@pytest.mark.parametrize(
    ("text", "scheme", "shown"),
    [
        ("proxy.example.com:8080", "http", "proxy.example.com:8080"),
        (" http://Proxy:3128/ \n", "http", "Proxy:3128"),
        ("HTTPS://proxy", "https", "proxy:443"),
        ("proxy", "http", "proxy:80"),
        ("10.0.0.1:8080", "http", "10.0.0.1:8080"),
        ("[2001:db8::1]:8080", "http", "[2001:db8::1]:8080"),
        ("http://[::1]", "http", "[::1]:80"),
        ("bücher.example:1", "http", "xn--bcher-kva.example:1"),
        ("http://user:p/a#s?s@w@proxy:8080", "http", "proxy:8080"),
    ],
)
def test_what_is_meant_is_understood(text: str, scheme: str, shown: str) -> None:
    found = parse_proxy(text, where="It")
    assert (found.scheme, found.shown) == (scheme, shown)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("socks5://user:hush@proxy:1080", "It names a SOCKS proxy, which is not supported: enter the address of an"),
        ("ftp://user:hush@proxy", "It is no address of an http or https proxy: write it like proxy.example.com:8080."),
        ("http://wpad/wpad.dat", "It is that of a script (PAC), which is not read: enter the address of the proxy"),
        ("user:hush@2001:db8::1", "It is an IPv6 address without brackets: write it like [2001:db8::1]:8080."),
        ("user:hush@[2001:db8::zz]:1", "It is no address of a proxy: write it like proxy.example.com:8080."),
        ("[::1]8080", "It is no address of a proxy"),
        ("user:hush@", "It is no address of a proxy"),
        ("http://", "It is no address of a proxy"),
        ("the proxy of the office", "It is no address of a proxy"),
        ("proxy/path:80", "It is no address of a proxy"),
        ("\udcff:80", "It is no address of a proxy"),
        ("user:hush@proxy:80a", "It has a port that is no number from 1 to 65535: write it like"),
        ("proxy:0000080000", "It has a port"),
        ("proxy:0", "It has a port"),
        ("proxy:", "It has a port"),
    ],
)
def test_what_is_wrong_is_one_sentence_without_the_password(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_proxy(text, where="It")
    assert caught.value.user_message.startswith(said)
    assert caught.value.user_message.endswith(".")
    assert "hush" not in caught.value.user_message
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("password", ["p@ss:w/rd%41", "grüße €", "", "%", "a b+c&d"])
def test_any_password_stays_what_it_is(password: str) -> None:
    address = ProxyAddress("http", "proxy", 8080, "Zoë@office", password)
    assert parse_proxy(address.url, where="It") == address
    assert password == "" or password not in repr(address)
    assert "Zoë" not in repr(address)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://zoe:p%40ss@proxy:1", ("https://proxy:1", "zoe", "p@ss")),
        ("zoe:p@ss@proxy:1", ("proxy:1", "zoe", "p@ss")),
        ("zoe@not an address", ("not an address", "zoe", "")),
        ("proxy:1", ("proxy:1", "", "")),
    ],
)
def test_user_and_password_can_be_taken_out_of_any_text(text: str, expected: tuple[str, str, str]) -> None:
    assert without_login(text) == expected
