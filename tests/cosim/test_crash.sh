#!/bin/bash
# A trading host killed with SIGKILL five times against an exchange in a process of its own, and reconciled with it:
# tests/crash/crash, whose full size is `make crash-test`. TAP.
set -u
out=$(mktemp)
trap 'rm -f "$out"' EXIT
if tests/crash/crash --kills 5 --seed 7 >"$out" 2>&1; then
    echo 'ok 1 - killed five times: no order twice, no fill lost or twice, positions as the exchange has them'
else
    echo 'not ok 1 - killed five times'
    sed 's/^/#   /' "$out"
fi

# A second process that follows the folder sees every request of every life: the drop copy.
if tests/crash/crash --kills 2 --seed 3 --follow >"$out" 2>&1; then
    echo 'ok 2 - a follower of the journal saw every request of every life, once'
else
    echo 'not ok 2 - a follower of the journal'
    sed 's/^/#   /' "$out"
fi
echo 1..2
