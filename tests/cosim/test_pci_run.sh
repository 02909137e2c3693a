#!/bin/bash
# Trading with the card on PCI Express, without one: `wiretick run` with link.type pci in a private namespace
# (pci_device), the Verilated card in a second process, the exchange in a third. Market in by UDP, orders out by TCP.
# `make pci-session` is the full size. TAP.
set -uo pipefail
B=${B:-build}
wiretick=$B/wiretick
here=$(dirname "$0")
dir=$(mktemp -d)
venue='' card=''
trap '[ -n "$venue$card" ] && kill $venue $card 2>/dev/null; wait; rm -rf "$dir"' EXIT
number=0

if ! why=$(unshare -rm mount -t tmpfs none /sys/bus/pci/devices 2>&1); then
    echo "ok 1 - run over the link pci # SKIP no private namespace over /sys/bus/pci/devices here: ${why//$'\n'/ }"
    echo 1..1
    exit 0
fi

check() { # NAME COMMAND...
    number=$((number + 1))
    if "${@:2}" >"$dir/told" 2>&1; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        sed 's/^/#   /' "$dir/told" | tail -20
    fi
}
wait_for() { # WORD FILE
    for _ in {1..200}; do
        grep -qs "$1" "$2" && return
        sleep 0.05
    done
    echo "no '$1' in $2"
    return 1
}

# ------------------------------------------------------------ agents: our orders are on the feed
check 'three processes reconciled, rows equal, replayed: no faults' \
    scripts/venue-session --pci --messages 20000 --orders 10 --speed 40 none
check 'three processes reconciled, rows equal, replayed: every fault at once' \
    scripts/venue-session --pci --messages 20000 --orders 10 --speed 40 everything

# ------------------------------------------------------------ a file: what comes is known beforehand
base=$((20000 + RANDOM % 20000))
start_card() { # [OPTION...]
    "$wiretick" cardserver --bar "$dir/resource0" --dma "$dir/dma" "$@" 2>"$dir/card.err" &
    card=$!
    wait_for ready "$dir/card.err"
}
stop_card() {
    kill "$card"
    wait "$card"
    status=$?
    card=''
    return $status
}
configure() { # LINES of the section link
    cat >"$dir/run.yaml" <<END
link: {type: pci, dma: "file:$dir/dma"$1}
exchange: {connect: "127.0.0.1:$((base + 2))", username: WT0001, password: wiretick}
feed: {recovery: none}
risk: {max_order_shares: 1000, max_order_dollars: 250000, max_position: 20000, max_gross_dollars: 50000000,
       collar_bps: 100, max_open_per_symbol: 16, max_open_orders: 128, orders_per_second: 5000, burst: 500,
       max_loss_dollars: 1000000}
strategies:
  - name: market_maker
    params: {size: 100, half_spread_bps: 1, skew_bps: 1, max_position: 500, requote_ticks: 1}
output: {dir: $dir/run, ledger: true, journal: $dir/j}
END
}
begin() { # SPEED: exchange and card
    cat >"$dir/venue.yaml" <<END
market: {type: file, file: $dir/g, speed: $1, wait_logins: 1, linger_ms: 300}
feed: {a: {address: "127.0.0.1:$base"}, b: {address: "127.0.0.1:$((base + 1))"}, rerequest: "127.0.0.1:0"}
orders: {listen: "127.0.0.1:$((base + 2))", accounts: [{username: WT0001, password: wiretick}]}
glimpse: {listen: "127.0.0.1:0"}
output: {dir: $dir/venue}
END
    rm -rf "$dir/venue" "$dir/run" "$dir/j" && mkdir "$dir/venue" || return
    start_card --listen-a 127.0.0.1:$base --listen-b 127.0.0.1:$((base + 1)) || return
    "$wiretick" exchange "$dir/venue.yaml" >"$dir/venue.out" 2>&1 &
    venue=$!
    wait_for glimpse "$dir/venue.out"
}
file_session() {
    "$wiretick" generate "$dir/g" --messages 30000 --seed 11 --symbols 8 || return
    "$wiretick" book "$dir/g" >"$dir/sim" || return
    configure ', card: "42:00.0"'
    begin 30 || return
    timeout 100 "$here/pci_device" "$dir" -- "$wiretick" run "$dir/run.yaml" || return
    wait "$venue" || return
    venue=''
    stop_card || return
    "$wiretick" journal "$dir/j" --rows >"$dir/rows"
    [ -s "$dir/rows" ] && cmp "$dir/rows" "$dir/sim"
}
check 'a file: the rows of the session are those of the file on the sim link' file_session
check 'a file: books, orders and positions reconciled with the exchange' scripts/reconcile "$dir/venue" "$dir/run" WT0001
check 'a file: the journal replays' "$wiretick" replay "$dir/j" --verify

# ------------------------------------------------------------ the card is pulled out in the middle
gone() {
    begin 4 || return
    timeout 100 "$here/pci_device" "$dir" -- "$wiretick" run "$dir/run.yaml" 2>"$dir/run.err" &
    local host=$!
    wait_for , "$dir/run/orders.csv" || return
    stop_card || return
    wait $host
    local status=$?
    cat "$dir/run.err"
    kill -USR1 "$venue"
    wait "$venue" || return
    venue=''
    [ $status -eq 1 ] && [ "$(grep -c 'error:' "$dir/run.err")" -eq 1 ] && grep -q 'it is gone' "$dir/run.err"
}
check 'a card that is gone under way: the run stops and says so in one line' gone
nothing_left() {
    awk -F, '$1 == "WT0001" && $6 != "IGNORED" { print $2, $6, $10; open += $12; live += $6 == "LIVE" }
        END { print "open", open, live > "/dev/stderr"; exit open + live > 0 || NR < 20 }' "$dir/venue/orders.csv" |
        sort >"$dir/theirs" || return
    grep -c . "$dir/theirs"
    awk -F, 'NR == FNR { ours[$1] = $5 " " $7; next } ours[$1] != $2 " " $3 { print "differs: " $0; bad = 1 }
        END { exit bad }' "$dir/run/ledger.csv" <(tr ' ' , <"$dir/theirs")
}
check 'its orders were canceled at the exchange, and host and exchange agree on each' nothing_left
check 'its journal replays' "$wiretick" replay "$dir/j" --verify
echo "1..$number"
