#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# One shard of a manifest, as a task of a job array; submit.sh submits it. A task that is killed, or whose node is lost,
# goes on where it was when it runs again: what was ordered is in its ledger, and is not ordered a second time.
#
#SBATCH --job-name=scenario
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@120
set -uo pipefail

manifest=$1 shards=$2 output=$3
shift 3
me=$SLURM_ARRAY_TASK_ID
export SCENARIO_STATE_DIR=$output/.shards/$me
read -ra scenario <<<"${SCENARIO:-blender --online-mode --command scenario}"

# Two minutes before its time is over a task gets USR1: it orders nothing more, and queues again for the rest. TERM is
# for a task that somebody else ends or queues again.
is_out_of_time=
child=
trap 'is_out_of_time=1; [ -n "$child" ] && kill -TERM "$child"' USR1
trap '[ -n "$child" ] && kill -TERM "$child"' TERM

make_shard() {
  "${scenario[@]}" batch "$manifest" --shard "$me/$shards" --output "$output" \
    --report "$output/.shards/$me.json" --log "$output/.shards/$me.jsonl" "$@" &
  child=$!
  while kill -0 "$child" 2>/dev/null; do wait "$child"; done # a signal ends the waiting, not the child
  wait "$child"
  code=$?
  child=
}

make_shard "$@"
# 2 can mean that the node where this task ran before has not let go of the ledger, which takes it two minutes.
for _ in 1 2 3; do
  if [ "$code" -ne 2 ] || [ "${SLURM_RESTART_COUNT:-0}" -eq 0 ] || [ -n "$is_out_of_time" ]; then break; fi
  sleep 60
  make_shard "$@"
done

if [ -n "$is_out_of_time" ] && [ "$code" -eq 130 ]; then
  scontrol requeue "${SLURM_ARRAY_JOB_ID}_$me"
fi
exit "$code"
