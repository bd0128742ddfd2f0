# SPDX-License-Identifier: GPL-3.0-or-later
"""A report tells nobody's secrets, and not who somebody is."""

from __future__ import annotations

import base64
import os

import pytest

from scenario_addon.engine.examination.privacy import Hidden
from scenario_addon.engine.values import Credentials

KEY, SECRET = "api_k3y", "s3cr3t/with+signs="
CREDENTIALS = Credentials(KEY, SECRET, "project_1", "https://api.example.com/v1")
PLAIN = Hidden((), "", ())


def hidden(home: str = "/home/ada.l", **environment: str) -> Hidden:
    return Hidden.of({"USERPROFILE" if os.name == "nt" else "HOME": home, **environment}, CREDENTIALS)


@pytest.mark.parametrize(
    "text",
    [
        f"key {KEY}, secret {SECRET}",
        "https://x.example/?k=s3cr3t%2Fwith%2Bsigns%3D",
        f"Authorization: Basic {base64.b64encode(f'{KEY}:{SECRET}'.encode()).decode()}",
        f"ProxyError('Cannot connect', OSError('{SECRET}'))",
        f"{SECRET}{SECRET}",
    ],
)
def test_key_and_secret_go_however_they_are_spelt(text: str) -> None:
    told = hidden().without_secrets(text)
    assert not any(part in told for part in (KEY, SECRET, "s3cr3t", base64.b64encode(b"api").decode()[:3] + "fazN5"))
    assert "[hidden]" in told


def test_what_is_too_short_to_be_a_secret_leaves_the_words_alone() -> None:
    typed = Credentials("a", "b", None, "https://api.example.com/v1")
    assert Hidden.of({"HTTPS_PROXY": "http://x:c@proxy"}, typed).without_secrets("a bad cab") == "a bad cab"


def test_secrets_of_others_in_the_environment_go_too() -> None:
    environment = {"HF_TOKEN": "hf_abcdefgh", "DB_PASSWORD": "correct horse", "MY_KEY": "short", "LANG": "de_DE.UTF-8"}
    told = hidden(**environment).without_secrets("hf_abcdefgh, correct horse, short, de_DE.UTF-8")
    assert told == "[hidden], [hidden], short, de_DE.UTF-8"


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_the_password_of_a_proxy_goes_wherever_it_stands(variable: str) -> None:
    known = hidden(**{variable: "http://ada:p%40ss-w@proxy.example:3128"})
    text = "http://ada:p%40ss-w@proxy.example:3128 refused p@ss-w, proxy.example:3128 asks again"
    assert known.without_secrets(text) == ("http://proxy.example:3128 refused [hidden], proxy.example:3128 asks again")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("socks5h://a:b@c@proxy.example:1", "socks5h://proxy.example:1"),
        (
            "GET https://cdn.example/assets/a.glb?Policy=eyJTd&Signature=Ab~c_&Key-Pair-Id=K2 failed",
            "GET https://cdn.example/assets/a.glb?[hidden] failed",
        ),
        ("url: https://cdn.example/a#token=1, then", "url: https://cdn.example/a?[hidden] then"),
        ("Bearer eyJhbGciOi.eyJzdWIi.c2ln", "Bearer [hidden]"),
        ("jwt eyJhbGciOi.eyJzdWIi.c2ln!", "jwt [hidden]!"),
        ('{"api_key": "a b c", "n": 1}', '{"api_key": [hidden], "n": 1}'),
        ("SCENARIO_SDK_API_SECRET=abc; x", "SCENARIO_SDK_API_SECRET=[hidden]; x"),
        ("password: hunter2, please", "password: [hidden], please"),
    ],
)
def test_what_looks_like_a_secret_goes(text: str, told: str) -> None:
    assert PLAIN.without_secrets(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "accepted",
        "Set SCENARIO_SDK_API_KEY and SCENARIO_SDK_API_SECRET.",
        "Copy the key and the secret again; they belong together.",
        "set, for https://api.cloud.scenario.com/v1, project proj_1",
        "checked with certificates from /etc/ssl/cert.pem (REQUESTS_CA_BUNDLE)",
        "Scenario 3D 0.1.0, Python 3.13.1, Linux-6.1-x86_64-with-glibc2.41",
        "12 jobs at 10:30 on /mnt/data/users",
        "https://example.com/home/page and https://example.com/users/list",
    ],
)
def test_the_rest_stays(text: str) -> None:
    assert hidden(USER="ada.l").anonymous(text) == text


@pytest.mark.parametrize(
    ("home", "text", "told"),
    [
        ("/home/ada.l", "/home/ada.l/.local/share is full", "~/.local/share is full"),
        ("/home/ada.l", "/home/ada.l: no access", "~: no access"),
        ("/home/ada.l", "/home/ada.lovelace/x", "~/x"),
        ("/srv/people/ada", "/srv/people/ada/x and /srv/people/adam/x", "~/x and /srv/people/adam/x"),
        ("/root", "/root/.cache, /mnt/root/x", "~/.cache, /mnt/[user]/x"),
        ("C:\\Users\\Ada L", "C:\\Users\\Ada L\\AppData cannot be written", "~\\AppData cannot be written"),
        ("C:\\Users\\Ada L", "c:/users/ADA L/AppData", "~/AppData"),
        ("C:\\Users\\Ada L", "'C:\\\\Users\\\\Ada L\\\\x'", "'~\\\\x'"),
        ("C:\\Users\\Ada L", "\\\\?\\C:\\Users\\Ada L\\x", "~\\x"),
        ("", "C:\\Users\\ADAL~1\\AppData\\Local\\Temp", "~\\AppData\\Local\\Temp"),
        ("", "D:/Users/Ada Lovelace/x.blend and more", "~/x.blend and more"),
        ("", "no folder C:\\Users\\ada, sorry", "no folder ~, sorry"),
        ("", "/Users/Ada/Library/x", "~/Library/x"),
        ("", "/users/ada/x", "~/x"),
        ("", "/Volumes/Macintosh HD", "/Volumes/Macintosh HD"),
        ("", "/System/Volumes/Data/Users/ada/x", "~/x"),
        ("", "/mnt/c/Users/ada/x", "~/x"),
        ("", "/var/home/ada/x", "~/x"),
        ("", "file:///home/ada/x.glb", "file://~/x.glb"),
        ("", "file:///C:/Users/Ada%20L/x.glb", "file:///~/x.glb"),
        ("/", "/ cannot be written", "/ cannot be written"),
    ],
)
def test_a_home_is_a_tilde_whichever_way_it_is_written(home: str, text: str, told: str) -> None:
    assert hidden(home).anonymous(text) == told


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("ada.l", "D:\\work\\ADA.L\\x on ada.l-laptop, ada.lx", "D:\\work\\[user]\\x on [user]-laptop, ada.lx"),
        (
            "root",
            "unknown root certificate, /mnt/root/x, root@host",
            "unknown root certificate, /mnt/[user]/x, [user]@host",
        ),
        ("Al", "Al is in /data/al/x", "Al is in /data/[user]/x"),
    ],
)
def test_the_name_of_the_user_goes_but_not_the_words_that_look_like_it(name: str, text: str, told: str) -> None:
    assert hidden("", USERNAME=name).anonymous(text) == told
