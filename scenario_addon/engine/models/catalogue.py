# SPDX-License-Identifier: GPL-3.0-or-later
"""Which models there are: built in, cached on disk, and live.

The live record of a model wins over the cached one, that over the built-in one. The cache holds the service's
records as parsed, one file for each project, written whole or not at all.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from ..api.client import ScenarioClient
from ..api.wire import ModelRecord, parse
from ..errors import NetworkError, NotFound, ProtocolError, RateLimited, ScenarioError, ServerError, UnknownModel
from ..files import make_private_folder, write_whole
from ..values import ModelId
from .model import Model, model_from
from .order import suggestion
from .thumbnails import Thumbnails

__all__ = ["BUILTIN_IDS", "DEFAULT_MODEL_ID", "Catalogue"]

log = logging.getLogger(__name__)

_BUILTIN_FILE: Final = Path(__file__).with_name("models.json")
_CACHE_VERSION: Final = 1
_PASSING: Final = (NetworkError, RateLimited, ServerError, ProtocolError)
"""Errors that say nothing about the model: what is known of it is used instead."""


@cache
def _builtin() -> Mapping[str, Mapping[str, Any]]:
    entries = json.loads(_BUILTIN_FILE.read_text(encoding="utf-8"))
    return {entry["record"]["id"]: entry for entry in entries}


@cache
def _builtin_record(model_id: str) -> ModelRecord | None:
    return parse(ModelRecord, _builtin()[model_id]["record"]) if model_id in _builtin() else None


BUILTIN_IDS: Final = tuple(ModelId(name) for name in _builtin())
DEFAULT_MODEL_ID: Final = BUILTIN_IDS[0]


class Catalogue:
    """The models as far as they are known here.

    :param folder: where the cache lives; ``None`` for no cache.
    :param scope: the project the cache belongs to, see :attr:`Credentials.scope`.
    """

    def __init__(self, folder: Path | None, scope: str) -> None:
        self._path = folder / f"models-{scope}.json" if folder else None
        self.thumbnails = Thumbnails(folder / "thumbnails" if folder else None)
        self._listed: dict[str, ModelRecord] = {}
        """As listed: without inputs."""
        self._records: dict[str, ModelRecord] = {}
        """As fetched by id: complete."""
        self.fetched_at: float | None = None
        """When the list was last fetched, in seconds since the epoch; ``None`` for never."""
        self._load()

    def models(self) -> Sequence[Model]:
        """What there is in 3D, without asking anybody: the built-in models first, then the others by name.

        Those that change a mesh are among them, see :meth:`generators`.

        Models that are known from the list alone have no parameters yet, see :meth:`fetch`.
        """
        return self._found(lambda model: model.is_offered)

    def picture_models(self) -> Sequence[Model]:
        """What there is that gives a picture, likewise."""
        return self._found(lambda model: model.makes_pictures and model.is_current)

    def _found(self, is_wanted: Callable[[Model], bool]) -> Sequence[Model]:
        found = [self._known(model_id) for model_id in {**dict.fromkeys(BUILTIN_IDS), **self._listed}]
        wanted = [m for m in found if m is not None and is_wanted(m)]
        return sorted(wanted, key=lambda m: (not m.is_builtin, "" if m.is_builtin else m.name.lower()))

    def generators(self) -> Sequence[Model]:
        """What there is to choose from that makes a mesh of pictures or words."""
        return [model for model in self.models() if not model.begins_with_mesh]

    def refiners(self) -> Sequence[Model]:
        """What there is to choose from that changes a mesh."""
        return [model for model in self.models() if model.begins_with_mesh]

    def known(self, model_id: str) -> Model:
        """A model with its parameters as far as they are known here, without asking anybody.

        :raises UnknownModel: nothing is known of it, or nothing but what the list says.
        """
        model = self._known(model_id)
        if model is None:
            raise self._unknown(model_id)
        if not model.parameters:
            raise UnknownModel(f"What {model.name} takes is not known here yet: go online to use it.")
        return model

    def name_of(self, model_id: str) -> str:
        """What people call a model, without asking anybody; of one that is not known here, what its id says."""
        model = self._known(model_id)
        return model.name if model is not None else model_id.removeprefix("model_")

    def refresh(self, client: ScenarioClient) -> Sequence[Model]:
        """Fetch the list anew. Blocks; the list stays as it was when that fails."""
        listed = {record.id: record for record in client.models() if record.id}
        self._records = {model_id: _updated(record, listed.get(model_id)) for model_id, record in self._records.items()}
        self._listed, self.fetched_at = listed, time.time()
        self._save()
        return self.models()

    def fetch(self, model_id: str, client: ScenarioClient) -> Model:
        """Fetch a model with its parameters as they are today. Blocks.

        When the service cannot be reached, what is known of the model has to do.

        :raises UnknownModel: the service has no such model.
        """
        try:
            record = client.model(ModelId(model_id))
            if not record.inputs:
                raise ProtocolError(f"The service did not say what {model_id} takes; try again later.")
        except NotFound as error:
            raise self._unknown(model_id) from error
        except _PASSING as error:
            log.warning("using what is known of %s: %s", model_id, error)
            try:
                return self.known(model_id)
            except UnknownModel:
                raise error from None
        self._records = {**self._records, record.id: record}  # replaced, as other threads may be reading it
        self._save()
        return _merged(record)

    def _known(self, model_id: str) -> Model | None:
        record, listed = self._records.get(model_id), self._listed.get(model_id)
        if record is None and listed is None:
            return _builtin_model(model_id) if model_id in BUILTIN_IDS else None
        if record is None and (known := _builtin_record(model_id)) is not None:
            record = _updated(known, listed)
        record = record or listed
        return _merged(record) if record else None

    def _unknown(self, model_id: str) -> UnknownModel:
        hint = suggestion(model_id, [m.id for m in (*self.models(), *self.picture_models())])
        return UnknownModel(f"There is no 3D model {model_id}{hint}: `models` lists them all.")

    def _load(self) -> None:
        if self._path is None or not self._path.exists():
            return
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
            if data["version"] != _CACHE_VERSION:
                return
            listed, records = ({r["id"]: parse(ModelRecord, r) for r in data[part]} for part in ("listed", "records"))
            fetched_at = float(data["fetched_at"]) if data["fetched_at"] is not None else None
            self._listed, self._records, self.fetched_at = listed, records, fetched_at
        except (OSError, ValueError, KeyError, TypeError, ArithmeticError, RecursionError, ScenarioError) as error:
            log.warning("the model list's cache cannot be read (%s); it will be fetched anew", error)

    def _save(self) -> None:
        if self._path is None:
            return
        data = {
            "version": _CACHE_VERSION,
            "fetched_at": self.fetched_at,
            "listed": [_dump(r) for r in self._listed.values()],
            "records": [_dump(r) for r in self._records.values()],
        }
        try:
            make_private_folder(self._path.parent)
            write_whole(self._path, json.dumps(data).encode(), is_private=True)
        except OSError as error:  # a cache that cannot be kept costs time, nothing else
            log.warning("the model list cannot be kept: %s", error)


def _dump(record: ModelRecord) -> Any:
    return record.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _updated(record: ModelRecord, listed: ModelRecord | None) -> ModelRecord:
    """A complete record with what the list says of the model today; lists leave the inputs out."""
    stated = listed.model_fields_set - {"inputs", "ui_config"} if listed else set[str]()
    return record.model_copy(update={name: v for name in stated if (v := getattr(listed, name)) is not None})


@cache
def _builtin_model(model_id: str) -> Model | None:
    """As it ships, where the service was not asked yet."""
    record = _builtin_record(model_id)
    return _merged(record) if record else None


def _merged(record: ModelRecord) -> Model:
    entry = _builtin().get(record.id)
    return model_from(
        record,
        knowledge=entry["knowledge"] if entry else {},
        is_builtin=entry is not None,
        known=_builtin_record(record.id),
    )
