# SPDX-License-Identifier: GPL-3.0-or-later
"""``models``, ``jobs`` and ``doctor``: what only looks."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import closing

from ... import __version__
from ..api.doctor import examine
from ..errors import CredentialsMissing, NetworkError, OfflineError, ProtocolError, ScenarioError, ServerError
from ..models.catalogue import Catalogue
from ..models.model import Model
from ..values import Credentials
from . import listing
from .call import Call
from .exits import NO_ACCESS, OK, SOME_FAILED

__all__ = ["doctor", "jobs", "models"]


def models(call: Call) -> int:
    args, found = call.args, _known(call)
    if args.json:
        data = [listing.model_data(model) for model in found]
        print(json.dumps(data[0] if args.id else data, indent=1, default=str))
    else:
        print(listing.model_text(found[0]) if args.id else listing.models_text(found))
    return OK


def _known(call: Call) -> Sequence[Model]:
    """The models, or the one that was asked for; as far as they are known here when the service is out of reach."""
    model_id: str | None = call.args.id
    catalogue = Catalogue(call.folder, "offline")
    try:
        with closing(call.connect()) as connection:
            catalogue = connection.catalogue
            if model_id is not None:
                return [catalogue.fetch(model_id, connection.client)]
            return catalogue.refresh(connection.client)
    except (CredentialsMissing, OfflineError, NetworkError, ServerError, ProtocolError) as error:
        call.progress.line(f"What is known without the service: {error.user_message}")
        return [catalogue.known(model_id)] if model_id is not None else catalogue.models()


def jobs(call: Call) -> int:
    with closing(call.open_ledger()) as ledger:
        jobs = ledger.jobs()
    if call.args.json:
        print(json.dumps([listing.job_data(job) for job in jobs], indent=1))
    elif jobs:
        print(listing.jobs_text(jobs, now=time.time()))
    else:
        call.progress.line("There are no jobs yet.")
    return OK


def doctor(call: Call) -> int:
    credentials: Credentials | ScenarioError | None
    try:
        credentials = call.found_credentials()
    except ScenarioError as error:
        credentials = error
    checks = examine(
        credentials,
        folder=call.folder,
        host=call.host,
        environment=call.environment,
        user_agent=f"scenario-addon/{__version__}",
        sleep=call.clock.sleep,
    )
    failed = [check for check in checks if not check.ok]
    if call.args.json:
        print(json.dumps(listing.checks_data(checks), indent=1))
    else:
        print(listing.checks_text(checks))
    if not failed:
        return OK
    return NO_ACCESS if {c.name for c in failed} & {"key", "credentials", "online access"} else SOME_FAILED
