#!/bin/bash
# Several loops in one host (host.loops): each with an event ring of the card, an account, a journal. Reconciled with the
# venue, replayed, the same bytes twice; what they cannot be with is refused; a stop in one is a stop in all. TAP.
set -u
. tests/cosim/tap.sh
control=$dir/control
cat >"$dir/run.yaml" <<END
feed: {symbols: [AAPL, MSFT, AMZN, NVDA, TSLA, META, INTC, CSCO]}
exchange:
  venue: $dir/venue.yaml
  logins: [{username: WT0001, password: wiretick}, {username: WT0002, password: wiretick}]
host: {loops: 2}
risk: {max_order_shares: 1000, max_order_dollars: 250000, max_position: 20000, max_gross_dollars: 50000000,
       collar_bps: 100, max_open_per_symbol: 16, max_open_orders: 128, orders_per_second: 5000, burst: 500,
       max_loss_dollars: 1000000}
strategies:
  - name: market_maker
    params: {size: 100, half_spread_bps: 0, skew_bps: 1, max_position: 500, requote_ticks: 1}
output: {dir: $dir/out, journal: $dir/out/j, ledger: true}
END
cat sim/exchange/configs/agents.yaml - >"$dir/venue.yaml" <<END
output: {dir: $dir/venue}
END
sed -i 's/^market:/&\n  max_messages: 6000/' "$dir/venue.yaml"
mkdir "$dir/venue"
run() { # [--set ...]
    "$wiretick" run "$dir/run.yaml" "$@" >"$dir/out.txt" 2>"$dir/err"
}
field() { sed -n "s/^  \"$2\": \"\{0,1\}\([-0-9.]*\).*/\1/p" "$1" | head -1; } # FILE KEY
sum_of() {                                                                     # KEY: the total is what the loops come to
    local total=0 loop
    for loop in "$dir"/out/loop[0-9]*; do
        total=$((total + $(field "$loop/summary.json" "$1")))
    done
    [ "$(field "$dir/out/summary.json" "$1")" -eq "$total" ] && [ "$total" -gt 0 ]
}
sums() { sum_of fills && sum_of filled_shares && sum_of orders && sum_of callbacks && sum_of bbo_events; }
# Each symbol is in one loop, by its place in the list, and in no other.
dealt() {
    [ "$(cut -d, -f1 "$dir/out/loop1/books.csv" | sort -u | tr '\n' ' ')" = 'AAPL AMZN INTC TSLA symbol ' ] &&
        [ "$(cut -d, -f1 "$dir/out/loop2/books.csv" | sort -u | tr '\n' ' ')" = 'CSCO META MSFT NVDA symbol ' ]
}
verified() { # LOOPS
    "$wiretick" replay "$dir/out/j" --verify >"$dir/replayed" 2>"$dir/err" &&
        [ "$(grep -c 'outputs the same.*no difference' "$dir/replayed")" -eq "$1" ]
}
one_journal() {
    "$wiretick" replay "$dir/out/j/loop2" --verify --orders "$dir/orders.csv" >/dev/null 2>"$dir/err" &&
        cmp "$dir/orders.csv" "$dir/out/loop2/orders.csv"
}
words() { # all journals in words
    local loop
    for loop in "$dir"/out/j/loop*; do
        "$wiretick" journal "$loop" --json
    done
}
again() {
    words >"$dir/words" && mv "$dir/out" "$dir/first" && run && words >"$dir/words2" && cmp "$dir/words" "$dir/words2" &&
        rm -r "$dir/out/j" "$dir/first/j" && diff -r "$dir/out" "$dir/first"
}
refused() { # WORDS --set ...
    ! "$wiretick" check "$dir/run.yaml" "${@:2}" >"$dir/out.txt" 2>"$dir/err" && grep -q "$1" "$dir/err"
}
folder() { ! "$wiretick" journal "$dir/out/j" 2>"$dir/err" && grep -q 'journals of 2 loops: name .*/loop1' "$dir/err"; }
alerts() { grep -c ',alert,' "$dir/out/loop$1/orders.csv"; } # LOOP
# The operator's word comes to the first loop's FIFO and stops both.
killed() {
    mkfifo "$control"
    (echo kill >"$control") &
    run --set host.control="$control" && wait && verified 2 && [ "$(alerts 1)" -eq 1 ] && [ "$(alerts 2)" -eq 1 ]
}
# A loss that uses up one loop's share ends opening orders in the other, too, at once, and by its journal as a command.
lost() {
    run --set risk.max_loss_dollars=6 && verified 2 &&
        grep -h ',alert,' "$dir"/out/loop[12]/orders.csv | sort -n >"$dir/alerts" &&
        [ "$(sed -n 2p "$dir/alerts" | cut -d, -f1)" -lt $(($(sed -n 1p "$dir/alerts" | cut -d, -f1) + 100000)) ] &&
        words | grep -q '"command 258"'
}
# Where nothing can be written any more nothing is sent, and in the other loop neither.
full() {
    mkdir -p "$dir/out/j/loop2"
    rm -rf "$dir"/out/j/*/*
    # shellcheck disable=SC2016 # it is the inner shell's
    ! unshare -Urm sh -c 'mount -t tmpfs -o size=3500k none "$0/out/j/loop2" || exit 0
        "$@"; status=$?; cp -r "$0/out/j/loop2" "$0/kept"; exit $status' "$dir" \
        "$wiretick" run "$dir/run.yaml" --set output.journal_mb=1 --set run.max_messages=40000 >"$dir/out.txt" 2>"$dir/err" || return 1
    grep -q 'loop 1: another loop cannot go on' "$dir/err" && grep -q 'the journal cannot be written' "$dir/err" &&
        [ "$(grep -c ',alert,.*,journal$' "$dir/out/loop2/orders.csv")" -eq 1 ] &&
        "$wiretick" replay "$dir/out/j/loop1" --verify >"$dir/replayed" 2>&1 &&
        "$wiretick" replay "$dir/kept" --verify >>"$dir/replayed" 2>&1 &&
        grep -q '"open_shares": 0,' "$dir/out/summary.json"
}
eight() {
    local i logins=''
    for i in 1 2 3 4 5 6 7 8; do
        logins="$logins{username: WT000$i, password: wiretick}, "
    done
    sed -i "/^    - {username/d; s/^  accounts:/  accounts: [$logins]/" "$dir/venue.yaml"
    run --set host.loops=8 --set exchange.logins="[$logins]" && verified 8 && sums
}
# A day that was begun with other loops is not gone on with: of some orders nobody would know. $kept is one of two loops.
kept=$dir/kept/everything
going_on() { # WORDS CONFIG
    ! timeout 20 "$wiretick" run "$2" >"$dir/out.txt" 2>"$dir/err" && grep -q "$1" "$dir/err"
}
fewer() {
    sed 's/^host: .*//; s/logins: .*\]/username: WT0001, password: wiretick/' "$kept/run.yaml" >"$dir/one.yaml"
    going_on 'the session before was of 2 loops' "$dir/one.yaml"
}
other() { # the loops change places
    local at
    mv "$kept/j/loop1" "$kept/j/was1" && mv "$kept/j/loop2" "$kept/j/loop1" && mv "$kept/j/was1" "$kept/j/loop2" || return 1
    going_on 'the session before was of the user WT0002' "$kept/run.yaml"
    at=$?
    mv "$kept/j/loop1" "$kept/j/was1" && mv "$kept/j/loop2" "$kept/j/loop1" && mv "$kept/j/was1" "$kept/j/loop2"
    return $at
}
more() {
    mv "$kept/j" "$kept/two" && mkdir "$kept/j" && cp "$kept"/two/loop1/*.wtj "$kept/j" || return 1
    going_on 'the session before was of one loop' "$kept/run.yaml"
}
session() { scripts/venue-session --loops 2 --messages 20000 "$@" >"$dir/out.txt" 2>"$dir/err"; }
evidence() { tail -n 30 "$dir/out.txt" "$dir/err" "$dir/replayed" 2>/dev/null; }
check 'two loops trade' run
check 'the whole is the sum of the loops' sums
check 'each symbol is in one loop' dealt
check 'both journals replay' verified 2
check 'and one alone, to the same orders' one_journal
check 'a folder of several is told' folder
check 'the same bytes again' again
check 'a file has one account' refused 'exchange.file has one account' --set exchange.venue= --set exchange.file=README.md
check 'all symbols cannot be dealt out' refused 'need feed.symbols to be a list' --set feed.symbols=all
check 'more loops than symbols' refused '2 are more than the 1 entries' --set feed.symbols='[AAPL]'
check 'more loops than rings' refused "host.loops: '9' is not right; a whole number from 1 to 8" --set host.loops=9
check 'more loops than accounts' refused '3 need as many exchange.logins, not 2' --set host.loops=3
check 'one account for two loops' refused 'WT0001 is there twice' --set exchange.logins.1.username=WT0001
check 'a limit that cannot be shared out' refused "risk.burst: '1' cannot be shared out among 2" --set risk.burst=1
check 'a list of processors that is too short' refused 'host.cpus has 1 entries; 2 are right' --set host.cpus='[1]'
check 'the udp link' refused 'link.type udp has one thread' --set link.type=udp
check 'the operator stops all loops' killed
check 'a loss in one stops all' lost
if unshare -Urm mount -t tmpfs none "$dir/venue" 2>/dev/null; then
    check 'a full disk in one stops all' full
else
    skipped 'a full disk in one stops all' 'no tmpfs here'
fi
check 'eight loops trade, replay and add up' eight
for fault in none loss everything; do
    check "a venue in process reconciled: $fault" session --inside --orders 50 --speed 10 "$fault"
done
check 'two processes reconciled: everything' session --orders 10 --speed 40 --keep "$dir/kept" everything
check 'one loop does not go on from two' fewer
check 'nor a loop from the other one' other
check 'nor two from one' more
# Seen while it runs: a thread of the name of each loop, on one processor, which is not the other one's if there are two.
pinned() {
    local seen='' i task session want=2
    session --pci --orders 10 --speed 40 none &
    session=$!
    for i in $(seq 300); do
        seen=$(for task in /proc/[0-9]*/task/*; do
            grep -qs '^loop[12]$' "$task/comm" &&
                echo "$(cat "$task/comm") $(sed -n 's/^Cpus_allowed_list:\t//p' "$task/status")"
        done 2>/dev/null | sort -u)
        [ "$(nproc)" -gt 1 ] || want=1
        [ "$(cut -d' ' -f1 <<<"$seen" | sort -u | wc -l)" -eq 2 ] &&
            [ "$(cut -d' ' -f2 <<<"$seen" | sort -u | grep -cE '^[0-9]+$')" -eq $want ] &&
            ! grep -qE '[-,]' <<<"$seen" && break
        seen=''
        sleep 0.05
    done
    wait $session && [ -n "$seen" ]
}
killed_often() { tests/crash/crash --loops 2 --kills 4 --session 2 "$@" >"$dir/out.txt" 2>"$dir/err"; }
check 'killed and started again: orders, fills and positions of both loops as the venue has them' killed_often --seed 7
# Behind the link pci loops are threads, each on its processor.
if why=$(unshare -rm mount -t tmpfs none /sys/bus/pci/devices 2>&1); then
    check 'threads, each where it was put: three processes reconciled: none' pinned
    check 'threads: three processes reconciled: everything' session --pci --orders 10 --speed 40 everything
    check 'threads, killed and started again' killed_often --pci --seed 9
else
    skipped 'loops as threads' "no private namespace over /sys/bus/pci/devices here: ${why//$'\n'/ }"
fi
echo "1..$number"
