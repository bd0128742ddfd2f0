# SPDX-License-Identifier: GPL-3.0-or-later
"""``models``, ``account``, ``jobs``, ``report`` and ``doctor``: what only looks."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from glob import glob
from pathlib import Path

from ... import __version__
from ..account.account import Account, read_account
from ..account.spending import read_spending
from ..elsewhere.finding import makes_3d
from ..elsewhere.origin import whose
from ..elsewhere.recent import Recent
from ..errors import (
    ConfigError,
    CredentialsMissing,
    NetworkError,
    OfflineError,
    ProtocolError,
    ScenarioError,
    ServerError,
)
from ..examination.examine import examine
from ..examination.privacy import Hidden
from ..examination.report import checks_data, checks_text
from ..inputs.folders import natural
from ..models.catalogue import Catalogue
from ..models.model import Model
from ..report.merging import Merger
from ..report.reading import read_report
from ..report.writing import write_items
from ..settings import network_of
from ..terminal import listing
from ..terminal.remote import made_data, made_text
from ..values import Credentials, RemoteJobId
from .call import Call, UsageError
from .exits import NO_ACCESS, OK, SOME_FAILED
from .making import check_place

__all__ = ["account", "doctor", "jobs", "models", "report"]


def models(call: Call) -> int:
    args, found = call.args, _known(call)
    if args.json:
        data = [listing.model_data(model) for model in found]
        print(json.dumps(data[0] if args.id else data, indent=1, default=str))
    elif args.id:
        print(listing.model_text(found[0]))
    else:
        for line in listing.models_lines(found):
            print(line)
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
            catalogue.refresh(connection.client)
    except (CredentialsMissing, OfflineError, NetworkError, ServerError, ProtocolError) as error:
        call.progress.line(f"What is known without the service: {error.user_message}")
        if model_id is not None:
            return [catalogue.known(model_id)]
    return catalogue.picture_models() if call.args.pictures else catalogue.models()


def account(call: Call) -> int:
    now = time.time()
    with closing(call.connect()) as connection:
        found = read_account(connection.client, connection.project_id, now=now)
        if found == Account():
            connection.client.check_key()  # a key that may not read this is good for other things, or for nothing
        catalogue = connection.catalogue
        spending = read_spending(connection.ledger, connection.scope, name_of=catalogue.name_of, now=now)
    if call.args.json:
        print(json.dumps(listing.account_data(found, spending), indent=1))
    else:
        print(listing.account_text(found, spending, now=now))
    return OK


def jobs(call: Call) -> int:
    if call.args.remote:
        return _remote_jobs(call)
    scope, project_id = _project(call)
    with closing(call.open_ledger()) as ledger:
        jobs = ledger.jobs()
    if call.args.json:
        print(json.dumps([listing.job_data(job) for job in jobs], indent=1))
    elif jobs:
        owners = [whose(job, scope=scope, project_id=project_id) for job in jobs]
        print(listing.jobs_text(jobs, now=time.time(), owners=owners))
    else:
        call.progress.line("There are no jobs yet.")
    return OK


def _project(call: Call) -> tuple[str | None, str | None]:
    """The scope of the key in use, and its project where somebody named it; both unknown without a usable key."""
    try:
        credentials = call.found_credentials()
    except ScenarioError:
        return None, None
    return (credentials.scope, credentials.project_id) if credentials else (None, None)


def _remote_jobs(call: Call) -> int:
    with closing(call.connect()) as connection:
        if not connection.catalogue.models() or connection.catalogue.fetched_at is None:
            with suppress(NetworkError, ServerError, ProtocolError):  # then what is known of models has to do
                connection.catalogue.refresh(connection.client)
        models = makes_3d(connection.catalogue)
        made = Recent(connection.client, models.__contains__).more()
        ours = {job.remote_id: job for job in connection.ledger.jobs(scope=connection.scope) if job.remote_id}
    if call.args.json:
        print(json.dumps([made_data(one, ours.get(RemoteJobId(one.id))) for one in made], indent=1))
    elif made:
        print(made_text(made, ours, names={key: model.name for key, model in models.items()}, now=time.time()))
    else:
        call.progress.line("There are no 3D jobs in this project yet.")
    return OK


def report(call: Call) -> int:
    output: Path = call.args.output
    if output.suffix.lower() not in (".json", ".csv"):
        raise UsageError(f"--output {output}: give a file that ends in .json or .csv.")
    merger = Merger()
    for path in _files(call.args.merge):
        items, seconds = read_report(path)
        merger.add(items, seconds=seconds)
    check_place(output.absolute().parent, output.name)
    write_items(output, merger.items(), seconds=merger.seconds)
    call.progress.line(merger.summary)
    return OK


def _files(names: Sequence[str]) -> list[Path]:
    """The files that are named, or matched by a pattern that the shell left alone."""
    found: list[Path] = []
    for name in names:
        matched = [] if os.path.lexists(name) else glob(name, recursive=True)  # noqa: PTH207  # also absolute ones
        found += sorted(map(Path, matched), key=lambda path: natural(str(path))) or [Path(name)]
    return found


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
    password = ""
    with suppress(ConfigError):
        password = network_of(call.host).proxy_password
    hidden = Hidden.of(call.environment, credentials, password)
    if call.args.json:
        print(json.dumps(checks_data(checks, hidden), indent=1))
    else:
        print(checks_text(checks, hidden))
    if not failed:
        return OK
    return NO_ACCESS if {c.name for c in failed} & {"key", "credentials", "online access"} else SOME_FAILED
