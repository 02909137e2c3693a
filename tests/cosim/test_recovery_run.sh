#!/bin/bash
# Loss made good in `wiretick run`: in process and in virtual time, the journal exact; and against `wiretick exchange` over
# loopback, by re-request, by snapshots, and joining late. TAP.
set -u
# shellcheck source=tests/cosim/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/cosim/two.sh
. "$(dirname "$0")/two.sh"

# "N gaps, N messages recovered, N lost, N snapshots, N symbols returned" of the summary
recovery() { sed -n "s/^  recovery .*[^0-9]\([0-9][0-9]*\) $1.*/\1/p" "$dir/run"; }
no_mismatch() { grep -q 'audit mismatches   0 of [1-9]' "$dir/run" && grep -q 'TLP violations     0 of' "$dir/run"; }

# ------------------------------------------------------------ in process
"$wiretick" generate "$dir/market" --messages 40000 --symbols 20 2>"$dir/run.err"
in_process() { # KIND [LOSS]
    "$wiretick" run host/strategy/configs/default.yaml --set exchange.file="$dir/market" --set feed.recovery="$1" \
        --set exchange.loss_a_ppm="${2:-20000}" --set exchange.loss_b_ppm="${2:-20000}" --set output.dir="$dir/out" \
        --set output.journal="$dir/journal" >"$dir/run" 2>"$dir/run.err"
    status=$?
}
replays() { "$wiretick" replay "$dir/journal" --verify >>"$dir/run" 2>&1; }
books() { sed -n 's/^  BBO events *//p' "$dir/run"; }

in_process rerequest 0
lossless=$(books)
in_process rerequest
[ $status -eq 0 ] && no_mismatch && [ "$(recovery 'gaps')" -gt 3 ] && [ "$(recovery 'messages recovered')" -gt 3 ] &&
    [ "$(recovery 'lost')" -eq 0 ] && [ "$(books)" = "$lossless" ]
result $? "in process, lost messages are asked for again: as many BBO events as without loss"
replays
result $? "and its journal replays to the byte"
in_process snapshot
[ $status -eq 0 ] && no_mismatch && [ "$(recovery 'snapshots')" -gt 3 ] && [ "$(recovery 'messages recovered')" -eq 0 ] &&
    [ "$(recovery 'symbols returned')" -gt 3 ] && [ "$(recovery 'of them to the card')" -gt 3 ]
result $? "in process, by snapshots alone: symbols come back, and to the card"
replays
result $? "and its journal replays to the byte"
in_process none
[ $status -eq 0 ] && no_mismatch && [ "$(recovery 'snapshots')" -eq 0 ] && [ "$(recovery 'lost')" -gt 0 ]
result $? "with nobody to ask, symbols stay stale"

# ------------------------------------------------------------ over loopback
session() { # WAIT_LOGINS LATE [--set ...] of the venue -- [--set ...] of the run
    local wait=$1 late=$2 of_venue=()
    shift 2
    while [ "$1" != -- ]; do
        of_venue+=("$1")
        shift
    done
    shift
    rm -rf "$dir/journal"
    begin_venue --set market.wait_logins="$wait" --set market.seconds=40 "${of_venue[@]}"
    sleep "$late"
    run_host --set output.journal="$dir/journal" "$@"
    [ "$run_status" -eq 0 ] || kill "$venue" 2>/dev/null
    end_venue
    status=$run_status$venue_status
}
seen() { sed -n 's/^  messages  *\([0-9]*\).*/\1/p' "$dir/run"; }

lossy=(--set feed.a.loss_ppm=100000 --set feed.b.loss_ppm=100000)
session 1 0 "${lossy[@]}" -- --set exchange.rerequest=127.0.0.1:$((base + 3)) --set exchange.glimpse=127.0.0.1:$((base + 4))
# On a busy machine an answer may come too late; then a snapshot stands for it.
[ "$status" = 00 ] && no_mismatch && [ "$(recovery 'messages recovered')" -gt 10 ] &&
    [ "$(($(seen) + $(recovery 'lost')))" -eq "$(told)" ] &&
    { [ "$(recovery 'lost')" -eq 0 ] || [ "$(recovery 'snapshots')" -gt 0 ]; }
result $? "over sockets, lost messages are asked for again: every message of the venue is accounted for"
replays
result $? "and its journal replays to the byte"

session 1 0 "${lossy[@]}" -- --set exchange.glimpse=127.0.0.1:$((base + 4))
[ "$status" = 00 ] && no_mismatch && [ "$(recovery 'lost')" -gt 10 ] && [ "$(recovery 'snapshots')" -gt 0 ] &&
    [ "$(recovery 'symbols returned')" -ge 8 ] && [ "$(($(seen) + $(recovery 'lost')))" -eq "$(told)" ]
result $? "over sockets, by snapshots alone: symbols come back"
replays
result $? "and its journal replays to the byte"

session 0 1 -- --set exchange.glimpse=127.0.0.1:$((base + 4))
orders=$(sed -n 's/^  orders  *\([0-9]*\) entered.*/\1/p' "$dir/run")
[ "$status" = 00 ] && [ "$(recovery 'lost')" -gt 10 ] && [ "$(recovery 'snapshots')" -eq 1 ] &&
    [ "$(recovery 'symbols returned')" -eq 8 ] && [ "$orders" -gt 0 ]
result $? "joining a market that runs: a snapshot, and it trades"
replays
result $? "and its journal replays to the byte"

echo "1..$number"
