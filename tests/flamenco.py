# SPDX-License-Identifier: GPL-3.0-or-later
"""A double of what a Flamenco Manager gives to a job type, run by node: ``author``, ``path``, ``print`` and the job.

As strict as the Manager, which is written in Go: a task's name and type and a command's name are text, parameters are
what JSON knows, and a dependency is a task.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

__all__ = ["NEEDS_NODE", "CompileError", "compiled", "job_type"]

SCRIPT: Final = Path(__file__).parents[1] / "scripts" / "flamenco" / "scenario_batch.js"
NEEDS_NODE: Final = pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
_MANAGER: Final = """
const vm = require("vm"), fs = require("fs"), posix = require("path").posix;
const [script, settings] = process.argv.slice(1);
const text = (value) => { if (typeof value !== "string") throw new Error(`not a text: ${value}`); return value; };
const tasks = [], printed = [];
class Task {
  constructor(name, type) { this.name = text(name); this.type = text(type); this.commands = []; this.needs = []; }
  addCommand(command) {
    if (!(command instanceof Command)) throw new Error("not a command");
    this.commands.push(command);
  }
  addDependency(task) {
    if (!(task instanceof Task)) throw new Error("not a task");
    this.needs.push(task.name);
  }
}
class Command {
  constructor(name, parameters) { this.name = text(name); this.parameters = parameters; }
}
const job = {
  settings: JSON.parse(settings), name: "job", created: new Date(0),
  addTask(task) { if (!(task instanceof Task)) throw new Error("not a task"); tasks.push(task); },
};
const sandbox = vm.createContext({
  author: { Task: (name, type) => new Task(name, type), Command: (name, given) => new Command(name, given) },
  path: { join: posix.join, basename: posix.basename, dirname: posix.dirname },
  print: (...words) => printed.push(words.join(" ")),
});
vm.runInContext(fs.readFileSync(script, "utf-8"), sandbox);
const type = vm.runInContext("JOB_TYPE", sandbox);
if (job.settings !== null) {
  for (const setting of type.settings) {
    if (!(setting.key in job.settings)) job.settings[setting.key] = setting.default;
    if (setting.required && job.settings[setting.key] === undefined) throw new Error(`${setting.key} is required`);
  }
  sandbox.job = job;
  try { vm.runInContext("compileJob(job)", sandbox); } catch (error) { console.error(String(error)); process.exit(9); }
}
console.log(JSON.stringify({ type, tasks, printed }));
"""


class CompileError(Exception):
    """The job type refuses the settings; says what it says."""


def compiled(**settings: Any) -> list[dict[str, Any]]:
    """Have the tasks made that a job with these settings is; of the others the defaults.

    :raises CompileError: it refuses them.
    """
    return _run(settings)["tasks"]


def job_type() -> dict[str, Any]:
    """What the job type says of itself."""
    return _run(None)["type"]


def _run(settings: dict[str, Any] | None) -> dict[str, Any]:
    command = ["node", "-e", _MANAGER, str(SCRIPT), json.dumps(settings)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode == 9:
        raise CompileError(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
