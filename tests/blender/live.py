# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-on as it lives in Blender, registered and pointed to the stand-in, without any waiting that counts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import FunctionType, SimpleNamespace
from typing import Any, Final

import bpy
import pytest

import scenario_addon
from scenario_addon.blender.app import config, prices
from scenario_addon.blender.app.prices import Price
from scenario_addon.blender.app.session import session
from scenario_addon.blender.delivery import waiting
from scenario_addon.blender.form import parameters
from scenario_addon.blender.request import duplicates, filling
from scenario_addon.blender.request.reading import read
from scenario_addon.blender.sources import plan
from scenario_addon.blender.ui import dialog, pump
from scenario_addon.blender.ui.operators import generate, pictures, settings
from scenario_addon.blender.ui.refining import operator as refining
from scenario_addon.blender.ui.results import jobs
from scenario_addon.engine.ledger.job import Job, State
from scenario_addon.engine.pace.asking import Asking
from scenario_addon.engine.pipeline import connection
from tests.limits import shorten
from tests.service import Fault, Service

__all__ = ["FAST_VALUES", "Live", "preferences", "registered"]

FAST_VALUES: Final[Mapping[str, Any]] = {"paint": False, "targetFaceNum": 100}
"""Of the default model: without texture and with few faces, made in milliseconds."""
_PATIENCE_S: Final = 30.0


class Live:
    """The registered add-on."""

    _now_s = 0.0
    """When buttons are pressed. It goes on from one test to the next: the add-on remembers the last press."""

    def __init__(self, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
        self.service = service
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(duplicates, "time", SimpleNamespace(monotonic=lambda: Live._now_s))
        Live._now_s += 1000.0  # nobody has pressed anything for a while

    @property
    def settings(self) -> Any:
        """What the artist has chosen in this scene."""
        return bpy.context.scene.scenario

    @property
    def jobs(self) -> list[Job]:
        return list(session.jobs.values())

    @property
    def job(self) -> Job:
        """The one job there is."""
        (job,) = self.jobs
        return job

    def image(self, name: str = "Chair", *, size_px: int = 64) -> bpy.types.Image:
        """A generated image, chosen as the source."""
        image = bpy.data.images.new(name, size_px, size_px, alpha=True)
        image.generated_type = "COLOR_GRID"
        self.settings.source, self.settings.image = "IMAGE", image
        return image

    def choose(self, model_id: str, values: Mapping[str, Any] = FAST_VALUES) -> Any:
        """Choose a model and set its parameters, as the panel does."""
        session.load_now()
        self.settings.model = model_id
        model = session.models.look_up(model_id)
        assert model is not None
        stored = parameters.sync(self.settings.models, model)
        parameters.assign(stored, model, values)
        return model

    def ready_to_generate(self) -> None:
        """A picture and the settings that make the least work."""
        self.image()
        self.choose("model_hunyuan-3d-v2-1")

    def choose_more(self, **models: Mapping[str, Any]) -> None:
        """Choose further models beside the main one, each with its parameters.

        :param models: by their ids, with underscores for what a name of Python cannot hold.
        """
        main = self.settings.model
        ids = [f"model_{name.replace('_', '-')}" for name in models]
        for model_id, values in zip(ids, models.values(), strict=True):
            session.load_now()
            session.models.fetch(model_id, session.online().client)
            self.choose(model_id, values)
        self.settings.model, self.settings.more_models = main, " ".join(ids)

    def price(self) -> Price:
        """What the button shows, as soon as it is known."""
        self.pump_until(lambda: read(bpy.context).price)
        price = read(bpy.context).price
        assert price is not None
        return price

    def lose_the_answer(self, *, after_s: float = 0.0) -> None:
        """Let the answer to the next paid submission get lost; dry runs are answered."""
        self.ready_to_generate()
        self.price()  # else the panel asks for it between the job's own dry run and the submission
        self.service.fail("POST", r"/generate/custom", Fault.LOST_ANSWER, after=1, seconds=after_s)

    def generate(self) -> Job:
        """From a picture to a mesh in the scene, from a script."""
        if self.settings.image is None:
            self.ready_to_generate()
        assert bpy.ops.scenario.generate() == {"FINISHED"}
        return self.jobs[-1]

    def begin(self) -> Job:
        """What the button does, which returns at once."""
        if self.settings.image is None:
            self.ready_to_generate()
        with self.in_window():
            assert bpy.ops.scenario.generate("EXEC_DEFAULT", is_confirmed=True, again=True) == {"FINISHED"}
        return self.jobs[-1]

    @contextmanager
    def in_window(self) -> Iterator[None]:
        """Let the operators believe that somebody looks on: they return at once, and nothing waits."""
        with self._monkeypatch.context() as patch:
            for module in (filling, generate, jobs, pictures, plan, refining, settings):
                patch.setattr(module, "bpy", _Blender(background=False))
            yield

    @contextmanager
    def watching(self) -> Iterator[Any]:
        """Have the modal operator run, as where there is a window; whoever calls :func:`.pump.go_on` wakes it.

        :return: the operator; its ``told`` holds what it reports.
        """
        manager = SimpleNamespace(
            event_timer_add=bpy.context.window_manager.event_timer_add, modal_handler_add=lambda operator: None
        )
        context: Any = SimpleNamespace(window=bpy.context.window, window_manager=manager)
        with self._monkeypatch.context() as patch:
            patch.setattr(pump, "bpy", _Blender(background=False))
            told = list[tuple[set[str], str]]()
            operator: Any = SimpleNamespace(told=told, report=lambda levels, text: told.append((levels, text)))
            assert pump.begin(operator, context) == {"RUNNING_MODAL"}
            yield operator
            pump.end()

    def press(self, *, answer: bool = True, after_s: float = 10.0) -> tuple[set[str], str]:
        """Press Generate in a window; gives what came of it and the question that was asked, if any.

        :param answer: what is said to a question: yes, or no.
        :param after_s: how long after the press before.
        """
        button = _Button(answer=answer)
        Live._now_s += after_s
        with self.in_window():
            return button.invoke(bpy.context, None), button.question

    def pump_until(self, is_done: Callable[[], object]) -> None:
        """Do what the timer does in a window."""
        end_s = time.monotonic() + _PATIENCE_S
        while not is_done():
            assert time.monotonic() < end_s, f"never: {self.jobs}"
            pump.pump()
            time.sleep(0.001)  # lets the workers in

    def pump_until_state(self, state: State, job: Job) -> Job:
        self.pump_until(lambda: session.jobs[job.id].state is state)
        return session.jobs[job.id]

    def restart(self) -> None:
        """Quit Blender and start it again, as far as the add-on can tell."""
        session.close()
        session.file_changed()
        session.load_now()

    def say(self, **environment: str) -> None:
        """Set variables of the environment."""
        for name, value in environment.items():
            self._monkeypatch.setenv(name, value)

    def ask_for_permission(self, *, allowed: bool) -> None:
        """Be a Blender with a user, who decides whether it may go online."""
        self._monkeypatch.setattr(config, "bpy", _Blender(binary_path="/usr/bin/blender"))
        bpy.context.preferences.system.use_online_access = allowed


class _Button(dialog.Asking):
    """The operator of Generate as Blender would make it, which without a window it does not."""

    filepath, image, again, is_confirmed = "", "", False, False
    _asked = None
    output = ""

    def __init__(self, *, answer: bool) -> None:
        self._answer, self.question = answer, ""

    def report(self, kinds: set[str], text: str) -> None:
        print(text)

    def ask_first(self, context: bpy.types.Context, *, title: str, question: str, yes: str) -> set[str]:
        self.question = f"{title} {question} [{yes}]"
        return self.run(context) if self._answer else {"CANCELLED"}

    invoke, run = generate.SCENARIO_OT_generate.invoke, generate.SCENARIO_OT_generate.run


for _name, _part in vars(generate.SCENARIO_OT_generate).items():
    if isinstance(_part, FunctionType) and _name not in vars(_Button):
        setattr(_Button, _name, _part)


class _Blender:
    """``bpy`` with another answer to some questions about the application."""

    def __init__(self, **answers: Any) -> None:
        self.app = _App(answers)

    def __getattr__(self, name: str) -> Any:
        return getattr(bpy, name)


class _App:
    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.__dict__.update(answers)

    def __getattr__(self, name: str) -> Any:
        return getattr(bpy.app, name)


@contextmanager
def registered(service: Service, monkeypatch: pytest.MonkeyPatch, *, has_key: bool = True) -> Iterator[Live]:
    """Register the add-on, and unregister it afterwards.

    :param has_key: whether the environment holds credentials.
    """
    live = Live(service, monkeypatch)
    live.say(**{k: v for k, v in service.environment.items() if has_key or k == "SCENARIO_BASE_URL"})
    monkeypatch.setattr(Asking, "pause_s", lambda asking, job, now: 0.0)
    monkeypatch.setattr(connection, "connect", partial(connection.connect, sleep=lambda seconds: None))
    shorten(monkeypatch, waiting, _PULSE_S=0.001)
    shorten(monkeypatch, prices, _DELAY_S=0.0)
    scenario_addon.register()
    try:
        yield live
    finally:
        scenario_addon.unregister()


def preferences() -> Any:
    """The add-on's preferences, as if it were installed."""
    addon = bpy.context.preferences.addons.new()
    addon.module = "scenario_addon"
    return addon.preferences
