#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# One manifest on many machines:
#
#     scripts/slurm/submit.sh MANIFEST SHARDS OUTPUT [OPTIONS OF batch...]
#
# MANIFEST and OUTPUT are seen by every node under the same path. Each task of the array makes one shard, with a state
# folder of its own in OUTPUT/.shards; the last job gathers OUTPUT/report.json. The same command again makes only what
# is missing. Settings of sbatch come from its variables, such as SBATCH_PARTITION and SBATCH_TIMELIMIT; SCENARIO is
# how the command line is called, by default `blender --online-mode --command scenario`.
set -euo pipefail

if [ $# -lt 3 ] || ! [[ $2 =~ ^[1-9][0-9]{0,3}$ ]]; then
  echo "usage: submit.sh MANIFEST SHARDS OUTPUT [OPTIONS OF batch...]" >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
manifest=$(realpath -e "$1") shards=$2
mkdir -p "$3/.shards"
output=$(realpath -e "$3")
shift 3

# With another number of shards, rows would be ordered again by tasks that know nothing of them.
for begun in "$output"/.shards/*-shards; do
  if [ -e "$begun" ] && [ "$begun" != "$output/.shards/$shards-shards" ]; then
    echo "submit.sh: $output was begun with $(basename "$begun"): go on with as many." >&2
    exit 2
  fi
done
mkdir -p "$output/.shards/$shards-shards"

log=$output/.shards/%a.log
array=$(sbatch --parsable --array="1-$shards" --output="$log" "$here/array.sh" "$manifest" "$shards" "$output" "$@")
gather=$(sbatch --parsable --dependency="afterany:$array" --output="$output/.shards/gather.log" "$here/gather.sh" "$output")
echo "$array $gather"
