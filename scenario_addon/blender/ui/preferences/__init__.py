# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-on's preferences: accounts, limits, folders, the way to the service."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, StringProperty

from .... import ADDON
from ....engine.service import KEY_PAGE, WEBSITE
from ...form.properties import PATH_OPTIONS
from ...words.language import translated
from ..lazy import balance, config, session
from . import accounts, examination
from .accounts import draw_accounts, getter, setter
from .network import NetworkProperties, draw_network

__all__ = ["draw_offline", "register", "unregister"]

_REFRESH = 4
"""The button with its word takes the room of so many icons."""


def _changed(self: bpy.types.AddonPreferences, context: bpy.types.Context) -> None:
    session.reconnect()


class SCENARIO_AP_preferences(NetworkProperties, bpy.types.AddonPreferences):
    bl_idname = ADDON

    # What belongs to an account is behind get and set: these are the active one's.
    account_name: StringProperty(
        name="Account",
        description="What the key below is called here, of several to choose from",
        get=getter("account_name"),
        set=setter("account_name"),
    )
    api_key: StringProperty(
        name="API Key",
        description="Created in the project settings at app.scenario.com. Kept in a file that only you can read",
        subtype="PASSWORD",
        get=getter("api_key"),
        set=setter("api_key"),
    )
    api_secret: StringProperty(
        name="API Secret",
        description="Shown once, when the key is created. Kept in a file that only you can read",
        subtype="PASSWORD",
        get=getter("api_secret"),
        set=setter("api_secret"),
    )
    project_id: StringProperty(
        name="Project ID",
        description="Only needed for a key that belongs to a team",
        get=getter("project_id"),
        set=setter("project_id"),
    )
    base_url: StringProperty(
        name="Base URL", description="Address of the service", get=getter("base_url"), set=setter("base_url")
    )
    max_cost: FloatProperty(
        name="Spend Limit (CU)",
        description="Ask before a press costs more Compute Units (CU) than this; a script is refused. 0 for no limit",
        default=50.0,
        min=0.0,
        soft_max=1000.0,
        precision=1,
    )
    max_cost_per_day: FloatProperty(
        name="Daily Limit (CU)",
        description="Submit nothing more when this many Compute Units (CU) were spent since midnight. Every account, "
        "and every project of a team's key, counts for itself. 0 for no limit",
        min=0.0,
        soft_max=5000.0,
        precision=1,
        update=_changed,
    )
    keep_files: StringProperty(
        name="Keep Meshes In",
        description="Folder for the downloaded meshes. Left empty, they are kept with the record of the jobs; they "
        "are, too, when this folder cannot be written, and the job says so",
        subtype="DIR_PATH",
        options=PATH_OPTIONS,
    )
    keep_beside: BoolProperty(
        name="Beside the .blend",
        description="Keep the downloaded meshes in the folder of the open file. Before it is saved, they are kept "
        "with the record of the jobs",
    )
    show_materials: BoolProperty(
        name="Switch Solid Viewports to Material Preview",
        description="Once a mesh has come in, show its materials in the 3D viewports that show its scene in Solid",
    )
    bring_into_view: BoolProperty(
        name="Look at New Meshes",
        description="Once a mesh has come in, turn and move the 3D viewports that would not show it. A view through "
        "a camera stays as it is",
        default=True,
    )
    # Made ready to be drawn on two cores: 4096 px in 0.2 s (JPEG) to 0.5 s (PNG), 8192 px in 0.7 to 3 s.
    largest_texture: EnumProperty(
        name="Largest Texture",
        description="Scale down larger textures before they come in: Blender stands still while it makes one ready to "
        "be drawn, more than a second beyond 4096 px. The file that came from the service keeps them as delivered",
        items=[(str(px), f"{px} px", f"At most {px} pixels at the longer side") for px in (2048, 4096, 8192, 16384)],
        default="4096",
    )

    favourite_models: StringProperty(description="A list of ids, as JSON", options={"HIDDEN"})

    if TYPE_CHECKING:
        account_name: str
        api_key: str
        api_secret: str
        project_id: str
        base_url: str
        max_cost: float
        max_cost_per_day: float
        keep_files: str
        keep_beside: bool
        show_materials: bool
        bring_into_view: bool
        largest_texture: str
        favourite_models: str

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        draw_offline(layout)
        _draw_credentials(layout, self)
        _draw_account(layout)
        layout.separator()
        layout.prop(self, "max_cost")
        layout.prop(self, "max_cost_per_day")
        layout.prop(self, "bring_into_view")
        layout.prop(self, "show_materials")
        layout.prop(self, "largest_texture")
        layout.separator()
        _draw_folders(layout, self)
        layout.separator()
        draw_network(layout, self)
        layout.separator()
        examination.draw_examination(layout)
        row = layout.row()
        row.operator("wm.url_open", text="Website", icon="URL").url = WEBSITE
        row.operator("scenario.report_bug", icon="URL")


def draw_offline(layout: bpy.types.UILayout) -> None:
    """Say why nothing works, and offer Blender's own way to change it."""
    if config.is_online_allowed():
        return
    column = layout.column()
    row = column.row()
    row.alert = True
    if bpy.app.online_access_override:
        row.label(text="Blender was started with --offline-mode", icon="INTERNET_OFFLINE")
        return
    row.label(text="Blender may not go online", icon="INTERNET_OFFLINE")
    column.operator("extensions.userpref_allow_online_popup", text="Allow Online Access", icon="INTERNET")


def _draw_credentials(layout: bpy.types.UILayout, saved: "SCENARIO_AP_preferences") -> None:
    column = layout.column()
    if config.is_from_environment():
        column.label(text="Key, secret and project come from the environment", icon="INFO")
    else:
        draw_accounts(column, saved)
    row = column.row()
    row.operator("wm.url_open", text="Get a Key", icon="URL").url = KEY_PAGE
    row.operator("scenario.test_connection", icon="LINKED")
    if session.test_result:
        ok, text = session.test_result
        line = column.row()
        line.alert = not ok
        line.label(text=translated(text), icon="CHECKMARK" if ok else "ERROR")


def _draw_account(layout: bpy.types.UILayout) -> None:
    """Draw whose the key is, what is left and what was spent, as far as it is known."""
    from ...layout.wrapping import draw_sentence  # lazy: it takes longer than enabling an add-on may

    if session.offline_reason is not None:
        return
    row = layout.row()
    told = row.column()
    for number, text in enumerate(balance.lines()):
        draw_sentence(told, text, icon="BLANK1" if number else "USER", buttons=_REFRESH)
    button = row.column()
    button.alignment = "RIGHT"
    button.operator("scenario.refresh_account", text="Refresh", icon="FILE_REFRESH")


def _draw_folders(layout: bpy.types.UILayout, saved: "SCENARIO_AP_preferences") -> None:
    """Draw what can be chosen, and where things are because of it."""
    from ...layout.wrapping import draw_sentence  # lazy: it takes longer than enabling an add-on may

    layout.prop(saved, "keep_files")
    row = layout.row()
    row.enabled = not saved.keep_files
    row.prop(saved, "keep_beside")
    jobs, (meshes, told) = config.folder(), config.meshes_folder()
    _draw_folder(layout, f"Meshes are in {meshes}", kept="MESHES")
    _draw_folder(layout, f"Jobs are in {jobs}", kept="JOBS")
    if told:
        draw_sentence(layout, told, icon="INFO")
    draw_sentence(layout, "Jobs and meshes stay when the extension is removed, the key does not.", icon="INFO")


def _draw_folder(layout: bpy.types.UILayout, told: str, *, kept: str) -> None:
    row = layout.row()  # over the whole width: paths are long
    row.label(text=translated(told))
    button = row.row()
    button.alignment = "RIGHT"
    button.operator("scenario.open_folder", icon="FILE_FOLDER").kept = kept


_register, _unregister = bpy.utils.register_classes_factory((SCENARIO_AP_preferences,))


def register() -> None:
    accounts.register()
    _register()
    examination.register()


def unregister() -> None:
    examination.unregister()
    _unregister()
    accounts.unregister()
