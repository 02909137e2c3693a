#!/bin/bash
# Loss made good in `wiretick run`: in process and in virtual time, the journal exact; and against `wiretick exchange` over
# loopback, by re-request, by snapshots, and joining late. TAP.
set -u
B=${B:-build}
wiretick=$B/wiretick
dir=$(mktemp -d)
venue=
trap '[ -n "$venue" ] && kill "$venue" 2>/dev/null; rm -rf "$dir"' EXIT
number=0

result() { # STATUS NAME
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        cat "$dir/venue" "$dir/venue.err" "$dir/run" "$dir/run.err" 2>/dev/null | sed 's/^/#   /' | tail -60
    fi
}
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
    [ "$(recovery 'symbols returned')" -gt 3 ]
result $? "in process, by snapshots alone: symbols come back"
replays
result $? "and its journal replays to the byte"
in_process none
[ $status -eq 0 ] && no_mismatch && [ "$(recovery 'snapshots')" -eq 0 ] && [ "$(recovery 'lost')" -gt 0 ]
result $? "with nobody to ask, symbols stay stale"

# ------------------------------------------------------------ over loopback
base=$((20000 + RANDOM % 20000))
cat >"$dir/run.yaml" <<END
exchange:
  connect: 127.0.0.1:$((base + 2))
  listen_a: 127.0.0.1:$base
  listen_b: 127.0.0.1:$((base + 1))
  username: WT0001
  password: wiretick
risk:
  max_order_shares: 1000
  max_order_dollars: 250000
  max_position: 20000
  max_gross_dollars: 50000000
  collar_bps: 100
  max_open_per_symbol: 4
  max_open_orders: 64
  orders_per_second: 2000
  burst: 200
  max_loss_dollars: 1000000
strategies:
  - name: market_maker
    params: {size: 100, half_spread_bps: 1, skew_bps: 1, max_position: 500, requote_ticks: 1}
output: {dir: $dir/out, journal: $dir/journal}
END
session() { # WAIT_LOGINS LATE [--set ...] of the venue -- [--set ...] of the run
    local wait=$1 late=$2 of_venue=()
    shift 2
    while [ "$1" != -- ]; do
        of_venue+=("$1")
        shift
    done
    shift
    rm -rf "$dir/journal"
    timeout 90 "$wiretick" exchange sim/exchange/configs/agents.yaml --set feed.a.address=127.0.0.1:$base \
        --set feed.b.address=127.0.0.1:$((base + 1)) --set orders.listen=127.0.0.1:$((base + 2)) \
        --set feed.rerequest=127.0.0.1:$((base + 3)) --set glimpse.listen=127.0.0.1:$((base + 4)) \
        --set market.wait_logins="$wait" --set market.seconds=40 --set market.speed=20 "${of_venue[@]}" \
        >"$dir/venue" 2>"$dir/venue.err" &
    venue=$!
    for _ in $(seq 50); do
        grep -q glimpse "$dir/venue" && break
        sleep 0.1
    done
    sleep "$late"
    timeout 60 "$wiretick" run "$dir/run.yaml" "$@" >"$dir/run" 2>"$dir/run.err"
    status=$?
    [ $status -eq 0 ] || kill "$venue" 2>/dev/null
    wait "$venue"
    status=$status$?
    venue=
}
told() { sed -n 's/^feed  *\([0-9]*\) messages.*/\1/p' "$dir/venue"; }
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
