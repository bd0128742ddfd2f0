#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The reports of all shards as one, once the array has ended; submit.sh submits it.
#
#SBATCH --job-name=scenario-report
#SBATCH --requeue
#SBATCH --open-mode=append
set -euo pipefail

output=$1
read -ra scenario <<<"${SCENARIO:-blender --online-mode --command scenario}"
exec "${scenario[@]}" report --merge "$output/.shards/*.json" --output "$output/report.json"
