# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to the service, in the preferences: a proxy, and whose certificates are trusted."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty

from ....engine.errors import DiskError
from ...words.language import translated
from ..lazy import config, session

__all__ = ["NetworkProperties", "draw_network"]


def _changed(self: Any, context: bpy.types.Context) -> None:
    session.reconnect()


def _address_changed(self: Any, context: bpy.types.Context) -> None:
    """Keep user and password where they belong, before Blender writes the address into its preferences file."""
    from ....engine.net.address import without_login  # lazy: it takes longer than enabling an add-on may

    address, user, password = without_login(self.proxy_address)
    if address == self.proxy_address:
        session.reconnect()
        return
    self.proxy_address = address  # which comes back here
    if user:
        self.proxy_user = user
    if password:
        self.proxy_password = password


def _get_password(self: Any) -> str:
    return config.secret_file().get(config.PROXY_PASSWORD)


def _set_password(self: Any, text: str) -> None:
    try:
        config.secret_file().set(config.PROXY_PASSWORD, text)
    except DiskError as error:
        session.fail_test(error)
    else:
        session.reconnect()


class NetworkProperties:
    """A part of the preferences."""

    proxy_mode: EnumProperty(
        name="Proxy",
        description="What requests go through. The variables HTTPS_PROXY and NO_PROXY win over this",
        items=[
            ("SYSTEM", "System", "The proxy of this computer's network settings, where there is one"),
            ("MANUAL", "Manual", "The proxy that is entered here"),
            ("NONE", "None", "No proxy"),
        ],
        update=_changed,
    )
    proxy_address: StringProperty(
        name="Address", description="Of the proxy, such as proxy.example.com:8080", update=_address_changed
    )
    proxy_user: StringProperty(
        name="User Name", description="Left empty where the proxy asks for none", update=_changed
    )
    # Behind get and set, so that Blender has nothing to write into userpref.blend.
    proxy_password: StringProperty(
        name="Password",
        description="For the proxy. Kept in a file that only you can read",
        subtype="PASSWORD",
        get=_get_password,
        set=_set_password,
    )
    trust_system: BoolProperty(
        name="Trust System Certificates",
        description="Trust the certificate authorities that this computer trusts, such as your company's, besides "
        "those that come with Blender",
        default=True,
        update=_changed,
    )
    certificates: StringProperty(
        name="Certificate File",
        description="A certificate authority to trust besides, such as your company's: a file, or a folder of files",
        subtype="FILE_PATH",
        update=_changed,
    )

    if TYPE_CHECKING:
        proxy_mode: str
        proxy_address: str
        proxy_user: str
        proxy_password: str
        trust_system: bool
        certificates: str


def draw_network(layout: bpy.types.UILayout, saved: NetworkProperties) -> None:
    """Draw what can be chosen, or which variable says it."""
    from ...layout.wrapping import draw_sentence  # lazy: it takes longer than enabling an add-on may

    column = layout.column()
    if variable := config.proxy_variable():
        column.label(text=translated(f"The proxy comes from {variable}"), translate=False, icon="INFO")
    else:
        column.prop(saved, "proxy_mode")
        if saved.proxy_mode == "MANUAL":
            column.prop(saved, "proxy_address", placeholder="proxy.example.com:8080")
            column.prop(saved, "proxy_user")
            column.prop(saved, "proxy_password")
        if problem := config.proxy_problem():
            draw_sentence(column, problem, icon="ERROR", is_alert=True)
    if variable := config.certificates_variable():
        column.label(text=translated(f"Certificates are checked with {variable}"), translate=False, icon="INFO")
    else:
        column.prop(saved, "trust_system")
        column.prop(saved, "certificates")
