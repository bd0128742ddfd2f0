# SPDX-License-Identifier: GPL-3.0-or-later
"""What the add-on knows while Blender runs: the connection, the jobs, the models. Main thread only.

Nothing here refers to Blender's data, so files can be loaded and undone at will. Nothing here goes online by itself:
an operator, a job that is under way, or a panel that shows a price asks for it, and only where the user allows it.
The engine is loaded by a thread when it is first needed: it costs more time than enabling an add-on may.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Hashable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from ... import engine
from ...engine.errors import AuthError, CredentialsMissing, OfflineError, ScenarioError
from .announcements import Announcements
from .config import folder, former_folder, is_online_allowed
from .jobs import Jobs
from .models import Models
from .prices import Prices
from .startup import Loaded, find_access, load
from .tasks import Tasks

if TYPE_CHECKING:
    import bpy

    from ...engine.ledger.job import Job
    from ...engine.ledger.ledger import Ledger
    from ...engine.pipeline.connection import Connection
    from ...engine.pipeline.runner import Step
    from ...engine.values import JobId, ModelId
    from ..converting.converter import Converter
    from ..importing.staging import Stage
    from ..picture.viewport import LastDrawing
    from ..refining.ahead import Ahead
    from ..studio.shots import Shots

__all__ = ["session"]

_ASKING: Final = frozenset({"test", "price", "models"})
"""First words of tasks whose answer means that the key is accepted. Not of one model: several are asked for at once."""


class Session:
    exporter: Any = None
    """What exports meshes; ``None`` before the first."""
    refining: Any = None
    """The form of a mesh that is to be changed, while it is open."""
    menu_job_id = ""
    """The job whose menu was opened last."""

    def __init__(self) -> None:
        self.tasks = Tasks(self._note_answer)
        self.file_token = uuid.uuid4().hex
        """Stands for the open file, saved or not; a new one with each file that is loaded."""
        self.access_problem: str | None = None
        """Why the service cannot be asked: no credentials, or an unusable setting."""
        self.notices: dict[str, str] = {}
        """What the user should know, by what it is about."""
        self.announcements = Announcements()
        self.has_offered_materials = False
        self.test_result: tuple[bool, str] | None = None
        self.timer: bpy.types.Timer | None = None
        """Wakes the modal operator; ``None`` when that does not run."""
        self.redrawn_at_s = 0.0
        """When what shows jobs was drawn anew, monotonic; likewise the next."""
        self.pressed_at_s = -math.inf
        """When something was ordered by a press."""
        self.last_drawing: LastDrawing | None = None
        """Of the 3D viewport, as a picture."""
        self.shots: Shots | None = None
        """Pictures of objects; ``None`` before the first."""
        self.thumbnail: Any = None
        """What would be sent of a render, a viewport or a camera; ``None`` before that was looked at."""
        self.cuts: dict[str, Any] = {}
        """What becomes of pictures without their background, by the picture."""
        self.backgrounds: dict[str, tuple[Any, bool]] = {}
        """Whether a picture has one, as far as was looked, by the picture."""
        self.changes = 0
        """How often Blender has worked something of a scene out anew; likewise the next."""
        self.renders = 0
        self.looked_at_s = -math.inf
        """When it was looked whether anything has moved, monotonic, and what was seen then."""
        self.seen_key: Hashable = None
        self.converter: Converter | None = None
        self.stage: Stage | None = None
        self.icons: Any = None
        """What Blender keeps of the picture files that are drawn; ``None`` before the first."""
        self.model_list: Any = None
        """The list of models to choose from, while it is open."""
        self._forget()

    def _forget(self) -> None:
        self.ahead: Ahead | None = None
        """New UVs that are matched before they come in; ``None`` before the first."""
        self.portraits: Any = None
        """Small pictures of results; ``None`` before the first was to be drawn."""
        self.examination: Any = None  # what doctor has found, before which it is None
        self.elsewhere: Any = None
        """What the service says was made; ``None`` before that was to be shown."""
        self.listing: Any = None
        """The jobs as they were last grouped for a panel; ``None`` before that."""
        self.balance: Any = None
        """What is left of the account; ``None`` before somebody wanted to know."""
        self.making: Any = None
        """The form of a picture that is to be made, while it is open."""
        self.jobs = Jobs(self.tasks)
        self._failure: ScenarioError | None = None
        self.refused_key: str | None = None
        """What the service said when it last refused the key; ``None`` where it has not, or not since."""
        self._loaded: Loaded | None = None
        self.models = Models(self.tasks)
        self.prices = Prices(self.tasks)

    # -- getting ready

    @property
    def is_ready(self) -> bool:
        return self._loaded is not None

    @property
    def problem(self) -> str | None:
        """What keeps the add-on from working at all."""
        return self._failure.user_message if self._failure else None

    def load(self) -> None:
        """Get ready in a thread; :attr:`is_ready` when that is done."""
        if self._loaded is None and self._failure is None and not self.tasks.is_running("load"):
            access, self.access_problem = find_access()
            path, former = folder(), former_folder()
            self.tasks.run("load", lambda: load(path, access, former=former), self._take, must_end=True)

    def load_now(self) -> None:
        """Get ready, and wait for it.

        :raises ScenarioError: the ledger cannot be used, or this Blender lacks something.
        """
        self.load()
        self.tasks.wait("load")
        if self._failure is not None:
            failure, self._failure = self._failure, None  # the next try may find it mended
            raise failure

    def file_changed(self) -> None:
        self.file_token = uuid.uuid4().hex

    def _take(self, result: Loaded | ScenarioError) -> None:
        if isinstance(result, ScenarioError):
            self._failure = result
        else:
            self._loaded = result
            self.models = Models(self.tasks, result.catalogue)
            self.jobs = Jobs(
                self.tasks,
                table=result.jobs,
                ledger=result.ledger,
                runners=[one.runner for one in result.connections],
                connections=lambda: result.connections if is_online_allowed() else (),
                tell=partial(self.tell, "write"),
            )
            self.tell("ledger", result.ledger.notice)

    def reconnect(self) -> None:
        """Start over: the credentials or the service have changed."""
        was_in_use = self.is_ready or self.problem is not None or self.tasks.is_running("load")
        self._let_go()
        self.test_result = None
        if was_in_use:
            self.load()

    def close(self) -> None:
        """Let go of everything; jobs go on where the ledger says, next time."""
        self._let_go()
        self.test_result = self.access_problem = None

    def _let_go(self) -> None:
        self.jobs.flush()
        self.tasks.drop()
        self.notices.clear()
        self.announcements = Announcements()
        if self._loaded is not None:
            self._loaded.close()
        self._forget()

    @property
    def connection(self) -> Connection | None:
        """What goes online; ``None`` when there are no credentials, or the user does not allow it."""
        return self._loaded.connection if self._loaded and is_online_allowed() else None

    def is_of_another(self, job: Job) -> bool:
        """Whether a job was ordered with another account or project than that in use, which cannot see its files."""
        return self.connection is not None and job.scope != self.connection.scope

    @property
    def offline_reason(self) -> str | None:
        """Why nothing can be asked of the service; ``None`` when it can."""
        if not is_online_allowed():
            return "Blender may not go online: tick Preferences > System > Network > Allow Online Access."
        return self.access_problem

    def online(self) -> Connection:
        """Get what goes online. Waits until everything is loaded.

        :raises ScenarioError: no credentials, an unusable setting, not allowed, an unusable ledger.
        """
        self.load_now()
        if self.connection is not None:
            return self.connection
        reason = self.offline_reason or "Enter your Scenario API key and secret in the preferences."
        raise CredentialsMissing(reason) if is_online_allowed() else OfflineError(reason)

    @property
    def ledger(self) -> Ledger | None:
        """The ledger, once it is loaded. Waits for the disk: for workers."""
        return self._loaded.ledger if self._loaded else None

    # -- what keeps from ordering

    @property
    def doubt(self) -> str | None:
        """Why nobody knows what was ordered before; ``None`` when that is known."""
        return self._loaded.doubt if self._loaded else None

    @property
    def has_backup(self) -> bool:
        return self._loaded is not None and self._loaded.has_backup

    def settle_doubt(self) -> None:
        """Order from now on, whatever may be missing: the user wants it. Waits for the disk, once.

        :raises DiskError: it cannot be written down.
        """
        if self._loaded is not None:
            self._loaded.ledger.settle_doubts()
            self.reconnect()

    def restore_backup(self) -> None:
        """Have the ledger as its newest backup was. Waits for the disk, once.

        :raises DiskError: it cannot be done.
        """
        self.close()
        try:
            engine.restore_backup(folder())
        finally:
            self.load()

    @property
    def empty_account(self) -> str | None:
        """What the service said when the account had nothing left; ``None`` when it has not said so."""
        empty = self.connection.budget.empty if self.connection else None
        return empty.user_message if empty else None

    # -- asking the service

    def refresh_models(self) -> None:
        """Fetch the list of models anew, in the background.

        :raises ScenarioError: it cannot be asked for.
        """

        def done(result: object) -> None:
            self.tell("models", result.user_message if isinstance(result, ScenarioError) else None)

        client = self.online().client
        self.models.refresh(client, done)

    @property
    def recent_models(self) -> list[ModelId]:
        """The models that were used, the last one first."""
        return list(dict.fromkeys(job.order.model_id for job in reversed(list(self.jobs.values()))))

    def test_connection(self) -> None:
        """Find out whether the key is good; :attr:`test_result` when that is known.

        :raises ScenarioError: it cannot be tried.
        """
        self.test_result = None
        client = self.online().client

        def done(result: ScenarioError | None) -> None:
            failed = isinstance(result, ScenarioError)
            self.test_result = (not failed, result.user_message if failed else "The service accepts the key")

        self.tasks.run("test", client.check_key, done)

    def _note_answer(self, task: str, result: object) -> None:
        """Learn from whatever was asked of the service whether it accepts the key."""
        if isinstance(result, AuthError):
            self.refused_key = result.user_message
        elif task.split()[0] in _ASKING and not isinstance(result, ScenarioError):
            self.refused_key = None

    def fail_test(self, error: ScenarioError) -> None:
        """Note that the key cannot even be kept."""
        self.test_result = (False, error.user_message)

    def submit(self, *jobs: Job, again: bool = False) -> None:
        """:param again: even if another process is making the same.

        :raises ScenarioError: there is no way to the service.
        """
        connection = self.online()
        self.jobs.submit(*jobs, connection=connection, again=again)

    def ask(self, job_id: JobId, step: Step) -> None:
        """Have a worker change a job.

        :raises ScenarioError: there is no way to the service, or not to this job's project.
        """
        self.load_now()
        if job_id not in self.jobs or not self.jobs.can_ask(self.jobs[job_id]):
            self.online()  # says what keeps from asking anything
        self.jobs.ask(job_id, step)

    @property
    def is_busy(self) -> bool:
        """Whether there is anything to come back for."""
        wants = self.connection is not None and (self.prices.is_wanted or self.models.is_wanted)
        takes_pictures = self.shots is not None and self.shots.is_busy
        return bool(self.tasks.any_running or wants or self.jobs.active or takes_pictures)

    def tell(self, about: str, text: str | None) -> None:
        """Have the tab say something until there is something newer about the same; ``None``: nothing any more."""
        if text is None:
            self.notices.pop(about, None)
        else:
            self.notices[about] = text

    def tick(self) -> bool:
        """Collect what has changed and hand out what is due; says whether anything changed. Never blocks."""
        changed = self.tasks.collect()
        if self.shots is not None and self.shots.is_busy:
            self.shots.collect()
            changed = True  # the progress is drawn
        if (connection := self.connection) is not None:
            self.prices.ask(connection.client)
            self.models.ask(connection.client)
        return self.jobs.tick() or changed


session: Final = Session()
