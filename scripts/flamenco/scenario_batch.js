// SPDX-License-Identifier: GPL-3.0-or-later
//
// A job type for Flamenco 3: one mesh from each row of a manifest, made by several Workers, and one report of it all.
//
// Copy this file to the folder `scripts` beside the Flamenco Manager, and restart that. Manifest, pictures and output
// have to be in the shared storage; every Worker needs the extension installed and enabled in its Blender, the key in
// its environment (SCENARIO_SDK_API_KEY, SCENARIO_SDK_API_SECRET), and the variable {blender} set to Blender's path.
//
// A shard keeps its ledger in the output folder, so that a task that failed, or lost its Worker, goes on where it was
// when any Worker takes it again: nothing is ordered a second time.

const JOB_TYPE = {
  label: "Scenario 3D Batch",
  description: "Make one mesh from each row of a manifest with Scenario",
  settings: [
    {
      key: "manifest",
      type: "string",
      subtype: "file_path",
      required: true,
      description: "A .csv, .json or .jsonl with a row for each mesh",
    },
    {
      key: "output",
      type: "string",
      subtype: "dir_path",
      required: true,
      description: "Where meshes and the report go. A job that goes on with it needs the same number of shards",
    },
    {
      key: "shards",
      type: "int32",
      default: 4,
      propargs: { min: 1, max: 1000 },
      description: "Into how many tasks the rows are divided",
    },
    {
      key: "model",
      type: "string",
      required: false,
      default: "",
      description: "Id of the model for rows that name none; empty: the default one",
    },
    {
      key: "max_cost",
      type: "string",
      required: false,
      default: "",
      description: "What each shard may cost, in Compute Units (CU); empty: no limit",
    },
    {
      key: "blend",
      type: "bool",
      required: false,
      default: false,
      description: "Write a .blend beside each mesh",
    },
    {
      key: "options",
      type: "string",
      required: false,
      default: "",
      description: "More options of `batch`, divided by spaces, such as --jobs 4 --skip-bad",
      visible: "submission",
    },
  ],
};

// Run by Blender before the command line. A job that divides the rows otherwise than an earlier one into the same folder
// would order again what it knows nothing of, so it is refused; the folder's name tells how it was begun.
function preparation(shard, shards) {
  return [
    "import os, sys",
    'folder = os.path.join(sys.argv[sys.argv.index("--output") + 1], ".shards")',
    "os.makedirs(folder, exist_ok=True)",
    `others = [name for name in os.listdir(folder) if name.endswith("-shards") and name != "${shards}-shards"]`,
    'if others: sys.exit("The output was begun with " + others[0] + ": go on with as many.")',
    `os.makedirs(os.path.join(folder, "${shards}-shards"), exist_ok=True)`,
    `os.environ["SCENARIO_STATE_DIR"] = os.path.join(folder, "${shard}")`,
  ].join("\n");
}

function shardArguments(settings, shard) {
  const begun = path.join(settings.output, ".shards");
  const args = ["--online-mode", "--python-expr", preparation(shard, settings.shards), "--command", "scenario", "batch"];
  args.push(settings.manifest, "--shard", `${shard}/${settings.shards}`, "--output", settings.output);
  args.push("--report", path.join(begun, `${shard}.json`), "--log", path.join(begun, `${shard}.jsonl`));
  if (settings.model) args.push("--model", settings.model);
  if (settings.max_cost) args.push("--max-cost", settings.max_cost);
  if (settings.blend) args.push("--blend");
  return args.concat((settings.options || "").split(" ").filter((option) => option.length > 0));
}

function reportArguments(settings) {
  const args = ["--offline-mode", "--command", "scenario", "report", "--merge"];
  for (let shard = 1; shard <= settings.shards; shard++) {
    args.push(path.join(settings.output, ".shards", `${shard}.json`));
  }
  return args.concat(["--output", path.join(settings.output, "report.json")]);
}

function blenderTask(name, args) {
  const task = author.Task(name, "blender");
  task.addCommand(author.Command("exec", { exe: "{blender}", args: args }));
  return task;
}

function compileJob(job) {
  const settings = job.settings;
  if (!(settings.shards >= 1)) {
    throw "The number of shards has to be 1 or more.";
  }
  print(`Scenario 3D: ${settings.manifest} in ${settings.shards} shards`);

  const report = blenderTask("report", reportArguments(settings));
  for (let shard = 1; shard <= settings.shards; shard++) {
    const task = blenderTask(`shard-${shard}-of-${settings.shards}`, shardArguments(settings, shard));
    report.addDependency(task);
    job.addTask(task);
  }
  job.addTask(report);
}
