# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to the service, as it is entered: the password reaches no file of Blender's, and what is entered is used."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import bpy
import pytest

from scenario_addon.blender.app import config
from scenario_addon.blender.app.session import session
from scenario_addon.engine.errors import ConfigError
from scenario_addon.engine.ledger.job import State
from scenario_addon.engine.values import Network
from tests.blender.live import Live, preferences
from tests.blender.ui.preferences.test_preferences import draw
from tests.engine.proxy import Proxy

FIELDS = {"proxy_address", "proxy_user", "proxy_password"}
LOGIN = ("zoe", "p@ss:w/rd MUST_NOT_LEAK")


def test_the_password_reaches_no_file_of_blenders_wherever_it_is_entered(
    keyless: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = preferences()
    saved.proxy_mode = "MANUAL"
    saved.proxy_address = f"http://zoe:{LOGIN[1]}@proxy_may_be_seen:8080"
    assert (saved.proxy_address, saved.proxy_user) == ("http://proxy_may_be_seen:8080", "zoe")
    assert saved.proxy_password == LOGIN[1]
    saved.proxy_password = f" {LOGIN[1]} "  # spaces may be part of it
    assert config.network() == Network("http://proxy_may_be_seen:8080", "zoe", f" {LOGIN[1]} ")
    monkeypatch.setenv("BLENDER_USER_CONFIG", str(tmp_path / "config"))
    bpy.ops.wm.save_userpref()
    bpy.context.preferences.is_dirty = True  # or the next test would start with them
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"), compress=False)
    userpref = (tmp_path / "config" / "userpref.blend").read_bytes()
    assert b"proxy_may_be_seen" in userpref, "the search would find what is there"
    assert not [path for path in tmp_path.rglob("*.blend") if b"MUST_NOT_LEAK" in path.read_bytes()]


def test_a_mesh_comes_through_the_proxy_that_is_entered(live: Live) -> None:
    saved = preferences()
    names = {urlsplit(url).netloc: urlsplit(url).port for url in (live.service.base_url, live.service.files_url)}
    with Proxy(login=LOGIN, names=names) as proxy:
        saved.proxy_mode, saved.proxy_address = "MANUAL", proxy.address
        live.ready_to_generate()
        with pytest.raises(RuntimeError, match="asks for a user name and a password; enter them in the preferences"):
            bpy.ops.scenario.test_connection()
        assert live.service.requests == []
        saved.proxy_user, saved.proxy_password = LOGIN
        assert bpy.ops.scenario.test_connection() == {"FINISHED"}
        assert live.generate().state is State.IMPORTED
        assert proxy.let_through == len(live.service.requests)
    assert len(live.service.charges) == 1


def test_an_address_that_cannot_be_used_is_said_where_it_is_entered_and_keeps_from_ordering(live: Live) -> None:
    saved = preferences()
    saved.proxy_mode = "MANUAL"
    assert "Enter the address of the proxy" in draw().red
    saved.proxy_address = "socks5://proxy:1080"
    assert "names a SOCKS proxy, which is not supported" in draw().red
    session.load_now()
    assert session.problem is None
    assert "SOCKS" in str(session.offline_reason)
    with pytest.raises(ConfigError, match="SOCKS"):
        config.network()
    saved.proxy_mode = "SYSTEM"
    session.load_now()
    assert session.offline_reason is None
    assert draw().alerts == []


def test_fields_are_shown_where_they_count(keyless: Live, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    saved = preferences()
    assert {"proxy_mode", "trust_system", "certificates"} <= set(draw().properties)
    assert FIELDS.isdisjoint(draw().properties)
    saved.proxy_mode = "MANUAL"
    assert set(draw().properties) >= FIELDS
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:1")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    shown = draw()
    assert {"The proxy comes from HTTPS_PROXY", "Certificates are checked with SSL_CERT_FILE"} <= set(shown.texts)
    assert ({"proxy_mode", "trust_system", "certificates"} | FIELDS).isdisjoint(shown.properties)


def test_what_is_chosen_is_what_the_engine_gets(keyless: Live, tmp_path: Path) -> None:
    saved = preferences()
    assert config.network() == Network()
    saved.proxy_mode, saved.trust_system, saved.certificates = "NONE", False, f" {tmp_path / 'ca.pem'} "
    assert config.network() == Network(None, certificates=str(tmp_path / "ca.pem"), trusts_system=False)
