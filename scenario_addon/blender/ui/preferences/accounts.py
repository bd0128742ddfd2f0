# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts in the preferences: which one is in use, its key, its project; and the menus that switch between them."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, StringProperty

from ....engine.errors import DiskError
from ....engine.service import DEFAULT_BASE_URL
from ..dialog import Asking
from ..lazy import config, pump, session
from ..reporting import Reporting

__all__ = ["draw_accounts", "getter", "register", "setter", "unregister"]


def _keep_name(name: str) -> None:
    if name:
        config.accounts().change(name=name)


def _keep_url(url: str) -> None:
    config.accounts().change(base_url="" if url == DEFAULT_BASE_URL else url)


_FIELDS: dict[str, tuple[Callable[[], str], Callable[[str], None]]] = {
    "account_name": (lambda: config.accounts().active.name, _keep_name),
    "api_key": (lambda: _pair()[0], lambda text: config.accounts().set_key(text)),
    "api_secret": (lambda: _pair()[1], lambda text: config.accounts().set_secret(text)),
    "project_id": (lambda: config.accounts().active.project_id, lambda text: _use_project(text)),
    "base_url": (lambda: config.accounts().active.base_url or DEFAULT_BASE_URL, _keep_url),
}
"""What is read and written behind each field: that of the active account."""


def _pair() -> tuple[str, str]:
    kept = config.accounts()
    return kept.pair(kept.active)


def _use_project(project_id: str) -> None:
    config.accounts().change(project_id=project_id)


def getter(name: str) -> Callable[[Any], str]:
    """Give what a field gets its text from: behind it, Blender has nothing to write into userpref.blend."""
    return lambda self: _FIELDS[name][0]()


def setter(name: str) -> Callable[[Any, str], None]:
    """Give what a field puts its text into."""

    def store(self: bpy.types.AddonPreferences, text: str) -> None:
        try:
            _FIELDS[name][1](text.strip())
        except DiskError as error:
            session.fail_test(error)
        else:
            session.reconnect()

    return store


# -- what is drawn


def draw_accounts(layout: bpy.types.UILayout, saved: bpy.types.AddonPreferences) -> None:
    """Draw the active account: its name with the others behind it, key, secret, project, service."""
    from ...layout.wrapping import draw_sentence  # lazy: it takes longer than enabling an add-on may

    active = config.accounts().active
    row = layout.row(align=True)
    row.prop(saved, "account_name")
    row.menu("SCENARIO_MT_accounts", text="", icon="DOWNARROW_HLT")
    row.operator("scenario.add_account", text="", icon="ADD")
    row.operator("scenario.remove_account", text="", icon="REMOVE").account = active.id
    layout.prop(saved, "api_key")
    layout.prop(saved, "api_secret")
    _draw_project(layout, saved)
    layout.prop(saved, "base_url")
    if notice := config.secret_file().notice:
        draw_sentence(layout, notice, icon="ERROR", is_alert=True)


def _draw_project(layout: bpy.types.UILayout, saved: bpy.types.AddonPreferences) -> None:
    """Draw the projects by name where they are known and there is a choice, else the field for an id."""
    active = config.accounts().active
    if not _is_choice(active.projects):
        layout.prop(saved, "project_id")
        return
    split = layout.split(factor=0.4)
    label = split.row()
    label.alignment = "RIGHT"
    label.label(text="Project")
    row = split.row()
    row.alert = not active.project_id
    if active.project:
        row.menu("SCENARIO_MT_projects", text=active.project, translate=False)
    else:
        row.menu("SCENARIO_MT_projects", text="Choose the Project of This Team's Key")


def _is_choice(projects: Any) -> bool:
    return sum(bool(name) for name in projects.values()) > 1


class SCENARIO_MT_accounts(bpy.types.Menu):
    bl_idname = "SCENARIO_MT_accounts"
    bl_label = "Account"

    def draw(self, context: bpy.types.Context) -> None:
        layout, kept = self.layout, config.accounts()
        for account in kept.all:
            icon = "RADIOBUT_ON" if account == kept.active else "RADIOBUT_OFF"
            row = layout.operator("scenario.use_account", text=account.name, icon=icon, translate=False)
            row.account = account.id
        if _is_choice(kept.active.projects):
            layout.separator()
            layout.menu("SCENARIO_MT_projects")


class SCENARIO_MT_projects(bpy.types.Menu):
    bl_idname = "SCENARIO_MT_projects"
    bl_label = "Project"

    def draw(self, context: bpy.types.Context) -> None:
        layout, active = self.layout, config.accounts().active
        names = {project_id: name or project_id for project_id, name in active.projects.items()}
        for project_id, name in sorted(names.items(), key=lambda entry: (entry[1].casefold(), entry[0])):
            icon = "RADIOBUT_ON" if project_id == active.project_id else "RADIOBUT_OFF"
            row = layout.operator("scenario.use_project", text=name, icon=icon, translate=False)
            row.project = project_id
        layout.separator()
        asking = layout.column()
        asking.operator_context = "INVOKE_DEFAULT"
        asking.operator("scenario.use_project", text="Another ID...").is_asked = True
        layout.operator("scenario.refresh_account", text="Refresh the List", icon="FILE_REFRESH")


# -- what the buttons do


class SCENARIO_OT_use_account(Reporting, bpy.types.Operator):
    """Order with this account from now on. What was ordered with another one goes on with that one's key"""

    bl_idname = "scenario.use_account"
    bl_label = "Use Account"
    bl_options = {"INTERNAL"}

    account: StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    if TYPE_CHECKING:
        account: str

    def run(self, context: bpy.types.Context) -> set[str]:
        kept = config.accounts()
        if self.account != kept.active.id:
            kept.use(self.account)
            _start_over()
        return {"FINISHED"}


class SCENARIO_OT_add_account(Reporting, bpy.types.Operator):
    """Add an account with a key of its own, and use it"""

    bl_idname = "scenario.add_account"
    bl_label = "Add Account"
    bl_options = {"INTERNAL"}

    def run(self, context: bpy.types.Context) -> set[str]:
        config.accounts().add()
        _start_over()
        return {"FINISHED"}


class SCENARIO_OT_remove_account(Asking, bpy.types.Operator):
    """Forget an account and its key"""

    bl_idname = "scenario.remove_account"
    bl_label = "Remove Account"
    bl_options = {"INTERNAL"}

    account: StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    if TYPE_CHECKING:
        account: str

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return len(config.accounts().all) > 1

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        name = next(one.name for one in config.accounts().all if one.id == self.account)
        question = f"The key of {name} is forgotten."
        scopes = config.account_scopes(self.account)
        if count := sum(not job.is_settled and job.scope in scopes for job in session.jobs.values()):
            what = "One mesh is" if count == 1 else f"{count} meshes are"
            question += f" {what} not here yet: what was ordered with this key waits until it is entered again."
        return self.ask_first(context, title="Remove the Account?", question=question, yes="Forget the Key")

    def run(self, context: bpy.types.Context) -> set[str]:
        config.accounts().remove(self.account)
        _start_over()
        return {"FINISHED"}


class SCENARIO_OT_use_project(Reporting, bpy.types.Operator):
    """Order in this project from now on. What was ordered in another one goes on there"""

    bl_idname = "scenario.use_project"
    bl_label = "Use Project"
    bl_options = {"INTERNAL"}

    project: StringProperty(name="Project ID", options={"SKIP_SAVE"})
    is_asked: BoolProperty(options={"SKIP_SAVE", "HIDDEN"})

    if TYPE_CHECKING:
        project: str
        is_asked: bool
        """Whether the id is to be typed."""

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if self.is_asked:
            return context.window_manager.invoke_props_dialog(self)  # pyright: ignore[reportReturnType]
        return self.execute(context)

    def run(self, context: bpy.types.Context) -> set[str]:
        _use_project(self.project.strip())
        _start_over()
        return {"FINISHED"}


def _start_over() -> None:
    session.reconnect()
    pump.redraw()
    pump.arm()


classes = (
    SCENARIO_MT_accounts,
    SCENARIO_MT_projects,
    SCENARIO_OT_use_account,
    SCENARIO_OT_add_account,
    SCENARIO_OT_remove_account,
    SCENARIO_OT_use_project,
)
register, unregister = bpy.utils.register_classes_factory(classes)
