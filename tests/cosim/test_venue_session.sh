#!/bin/bash
# A small session of `wiretick exchange` and `wiretick run` for each fault, reconciled to the order and the level:
# scripts/venue-session, whose full size is `make venue-session`. TAP.
set -u
faults=$(sed -n "/^all='/,/'\$/p" scripts/venue-session | tr -d "'" | sed 's/^all=//')
out=$(mktemp)
trap 'rm -f "$out"' EXIT
number=0
for fault in $faults; do
    number=$((number + 1))
    if scripts/venue-session --messages 20000 --orders 50 --speed 40 "$fault" >"$out" 2>&1; then
        echo "ok $number - two processes reconciled: $fault"
    else
        echo "not ok $number - two processes reconciled: $fault"
        sed 's/^/#   /' "$out"
    fi
done
echo "1..$number"
