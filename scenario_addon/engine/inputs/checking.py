# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests of a batch, checked one by one against their models."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, cast

from ..errors import InputError, UnknownModel
from ..files import is_same_place
from ..host import Host
from ..models.catalogue import DEFAULT_MODEL_ID
from ..models.model import Model
from ..models.order import Request, make_order
from ..models.schema import Kind, Parameter
from ..names import ended_name
from ..values import VIEWS, Order, SourceImage
from .meshes import GivenMesh, MeshFinder

__all__ = ["Checker", "Common", "item_name", "label_of", "stem_of", "typed"]

_DECIMAL_COMMA: Final = re.compile(r"\s*[+-]?[\d.,']*,[\d.,']*\s*")
_TOLD: Final = 100
"""So many notes are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What the command line says for all of it."""

    models: Sequence[str] = (DEFAULT_MODEL_ID,)
    """One mesh of each picture by each of them."""
    seeds: int | None = None
    """So many by each model, with seeds counted up; ``None``: one, as the parameters say."""
    views: Mapping[str, Path] = field(default_factory=dict[str, Path])
    mesh: str | None = None
    """A file or a job, for models that change a mesh."""
    prompt: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    """Parameters by name, as typed."""
    folder: Path = Path()
    """Where the meshes go."""


class Checker:
    """Makes orders of requests. Main thread where there is a host.

    :param host: the Blender that looks at pictures, and converts them; ``None`` for none.
    :param find: gives a model by its id; raises :class:`UnknownModel`.
    :param meshes: finds the mesh that is meant.
    :param is_offline: a model that is not known here may be one all the same, so nothing of it can be checked.
    :param mesh_option: what is asked for that only meshes have, as its option; such as ``--blend``.
    :param work_folder: where converted copies of pictures go.
    :param tell: takes sentences that the user should see.
    """

    def __init__(
        self,
        find: Callable[[str], Model],
        *,
        work_folder: Path,
        host: Host | None,
        tell: Callable[[str], None],
        meshes: MeshFinder | None = None,
        is_offline: bool = False,
        mesh_option: str | None = None,
    ) -> None:
        self._find, self.is_offline, self._mesh_option = find, is_offline, mesh_option
        self.work_folder, self._host, self._tell = work_folder, host, tell
        self._meshes = meshes or MeshFinder(None)
        self._models: dict[str, Model | UnknownModel] = {}
        self._told: set[str] = set()

    def model(self, model_id: str) -> Model | None:
        """A model by its id; ``None`` where nobody can tell. The service is asked once for each.

        :raises UnknownModel: there is none, or it makes something else.
        """
        if model_id not in self._models:
            self._models[model_id] = self._found(model_id)
        found = self._models[model_id]
        if isinstance(found, Model):
            return found
        if self.is_offline:
            return None
        raise found

    def _found(self, model_id: str) -> Model | UnknownModel:
        try:
            model = self._find(model_id)
        except UnknownModel as error:
            return error
        if model.is_3d or model.is_builtin or model.makes_pictures:
            return model
        return UnknownModel(f"{model.name} makes neither meshes nor pictures: `models` lists those that do.")

    def mesh(self, text: str | None, folder: Path = Path()) -> GivenMesh | None:
        """Find the mesh that is meant; ``None`` where none is given.

        :param folder: what a path is relative to.
        :raises MeshError: there is none.
        """
        return None if text is None else self._meshes.find(text, folder)

    def named(self, order: Order, model: Model, *, is_chosen: bool) -> Order:
        """Give an order another name where its own is that of what it is made of, or of another mesh.

        :param is_chosen: whether somebody has chosen its name.
        """
        is_beside = order.gives_picture and any(
            image.path.stem == order.name and is_same_place(image.path.parent, order.folder) for image in order.images()
        )
        if is_chosen or not (order.meshes or is_beside):
            return order
        otherwise = ended_name(order.name, _model_ending(model), order.folder)
        return replace(order, name=otherwise) if is_beside else self._meshes.named(order, otherwise=otherwise)

    def order(self, model: Model, request: Request) -> Order:
        """Check a request, and its pictures.

        :raises InputError: with one sentence that says what to change.
        """
        if request.images and "front" in request.views:
            raise InputError("there are two pictures for the front, the image and the view: leave one out.")
        self._check_options(model)
        if self._host is None:
            order, notes = make_order(model, request, work_folder=self.work_folder)
        else:
            order, notes = self._seen_order(self._host, model, request)
        for note in notes:
            self._tell_once(f"{request.name}: {note}", note)
        return order

    def sketch(self, model: Model, request: Request) -> Order:
        """Check a request whose pictures are not there yet; the order has stand-ins for them, good for a price.

        :raises InputError: with one sentence that says what to change.
        """
        self._check_options(model)
        order, notes = make_order(model, request, work_folder=self.work_folder, look=_stand_in)
        for note in notes:
            self._tell_once(f"{request.name}: {note}", note)
        return order

    def _check_options(self, model: Model) -> None:
        if model.makes_pictures and self._mesh_option is not None:
            raise InputError(f"{self._mesh_option} is for meshes, and {model.name} gives a picture: leave it out.")

    def _seen_order(self, host: Host, model: Model, request: Request) -> tuple[Order, list[str]]:
        """Make an order of pictures as Blender shows them."""

        def shown(path: Path) -> Path:
            return host.shown_picture(path, folder=self.work_folder)

        views = {view: shown(path) for view, path in request.views.items()}
        seen = replace(request, images=tuple(map(shown, request.images)), views=views)
        order, notes = make_order(model, seen, work_folder=self.work_folder, converter=host.convert_picture)
        for picture in order.pictures:
            for image in picture.images:
                host.refuse_nothing(image, is_subject=picture.name in model.subjects)
        return order, notes

    def _tell_once(self, text: str, note: str) -> None:
        """What is the same for all rows is told of the first."""
        if note in self._told or len(self._told) > _TOLD:
            return
        self._told.add(note)
        self._tell(text if len(self._told) <= _TOLD else "...")


def _stand_in(path: Path, **_: object) -> tuple[SourceImage, None]:
    """Stand for a picture that is still to come, for no other one."""
    return SourceImage(path, "image/png", 0, 0, 0, sha256=hashlib.sha256(str(path).encode()).hexdigest()), None


def typed(model: Model, settings: Mapping[str, Any], *, folder: Path) -> dict[str, Any]:
    """Read what people have typed as their parameters have it; what is no parameter stays as it is.

    :param folder: what the paths of pictures are relative to.
    :raises ParamError: a number with a comma.
    """
    found: dict[str, Any] = {}
    for name, value in settings.items():
        parameter = model.parameter(name)
        found[name] = value if parameter is None else _read(parameter, value, folder)
    return found


def _read(parameter: Parameter, value: Any, folder: Path) -> Any:
    if isinstance(value, str):
        value = _read_text(parameter, value)
    if not parameter.takes_pictures:
        return value
    if isinstance(value, list):
        return [folder / item if isinstance(item, str) and item else item for item in cast(list[Any], value)]
    return folder / value if isinstance(value, str) else value


def _read_text(parameter: Parameter, text: str) -> Any:
    if parameter.kind is Kind.BOOLEAN and text.strip().lower() in ("true", "false"):  # spreadsheets write TRUE
        return text.strip().lower() == "true"
    if parameter.kind is Kind.NUMBER and _DECIMAL_COMMA.fullmatch(text):
        raise parameter.error(f"takes a number with a point and without separators, such as 0.5 or 20000, not {text}")
    return parameter.read(text)


def item_name(stem: str, model: Model, *, among: Collection[str]) -> str:
    """What a mesh is called: by its picture and, where it is made by several models, by the model."""
    return stem if len(among) == 1 else f"{stem}{_model_ending(model)}"


def _model_ending(model: Model) -> str:
    return f"-{model.id.removeprefix('model_')}"


def label_of(request: Request) -> str:
    """What a request is called in what is said of it: its first picture as given, or its words."""
    first = _first_picture(request)
    return str(first) if first is not None else request.prompt or request.name


def stem_of(request: Request) -> str:
    """What its mesh is called where nobody says."""
    first = _first_picture(request)
    return (first.stem if first is not None else "") or "model"


def _first_picture(request: Request) -> Path | None:
    views = sorted(request.views, key=lambda view: VIEWS.index(view) if view in VIEWS else len(VIEWS))
    return next(iter([*request.images, *(request.views[view] for view in views)]), None)
