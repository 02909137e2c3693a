#!/bin/bash
# `wiretick journal` and `wiretick replay` as a user types them: whole sessions again, byte for byte; killed,
# damaged and full. Prints TAP.
# shellcheck disable=SC2016  # awk programs
set -u
# shellcheck source=tests/cosim/tap.sh
. "$(dirname "$0")/tap.sh"
config=host/strategy/configs/default.yaml

run() { # MARKET [--set ...]
    local market=$1
    shift
    timeout 120 "$wiretick" run $config --set output.dir="$dir/o" --set output.journal="$dir/j" \
        --set exchange.file="$market" "$@" >"$dir/out" 2>"$dir/err"
}
verify() { timeout 120 "$wiretick" replay "$dir/j" --verify "$@" >"$dir/out" 2>"$dir/err"; }
same() { verify --orders "$dir/orders.csv" && cmp -s "$dir/orders.csv" "$dir/o/orders.csv"; }
journal() { timeout 60 "$wiretick" journal "$@" >"$dir/out" 2>"$dir/err"; }

# ------------------------------------------------------------ twenty sessions
for n in $(seq 1 5); do
    timeout 60 "$wiretick" generate "$dir/m$n.itch" --messages 6000 --seed "$n" --duration 5 2>"$dir/err"
done
timeout 60 "$wiretick" generate "$dir/d.itch" --messages 20000 --seed 8 --damage 0.0005 --duration 8 2>"$dir/err"
timeout 60 "$wiretick" generate "$dir/s.itch" --messages 8000 --seed 7 --symbols 90 --scenario stress --duration 3 2>"$dir/err"
session() { # NAME MARKET [--set ...]
    local name=$1
    shift
    run "$@" && same
    result $? "replayed to the byte: $name"
}
for n in 1 2 3 4 5; do
    session "seed $n" "$dir/m$n.itch" --set run.seed="$n"
    session "seed $n, a host that takes no time" "$dir/m$n.itch" --set host.callback_ns=0 --set host.callback_jitter_ns=0 --set run.seed="$n"
    session "seed $n, slow host" "$dir/m$n.itch" --set host.callback_ns=9000 --set host.callback_jitter_ns=5000 --set run.seed="$n"
done
session "more symbols than the card holds" "$dir/s.itch"
session "a list of symbols" "$dir/m1.itch" --set 'feed.symbols=[ACME, BOLT]'
session "slow PCIe" "$dir/m2.itch" --set link.posted_write_ns=5000 --set link.read_ns=9000
session "small TLPs" "$dir/m3.itch" --set link.max_payload=128
session "a tight position limit" "$dir/m4.itch" --set risk.max_position=100
session "a tight rate" "$dir/m5.itch" --set risk.orders_per_second=10 --set risk.burst=1
session "the maximum loss" "$dir/m1.itch" --set risk.max_loss_dollars=1 --set strategy.params.half_spread_bps=0
session "a slow venue" "$dir/m2.itch" --set exchange.order_in_ns=3000000 --set exchange.order_out_ns=2000000
session "an early end" "$dir/m3.itch" --set run.max_messages=1000
session "a damaged market, files of 1 MiB" "$dir/d.itch" --set output.journal_mb=1
check "the last of them took more than one file" [ "$(find "$dir/j" -name '*.wtj' | wc -l)" -gt 1 ]
cp -r "$dir/o" "$dir/with"
run "$dir/d.itch" --set output.journal=
check "with and without a journal, a session is the same" cmp -s "$dir/with/summary.json" "$dir/o/summary.json"

# ------------------------------------------------------------ what replay finds
run "$dir/m1.itch"
journal "$dir/j" --summary
check "a summary counts the market's messages" grep -qE '^order_flow +60[0-9][0-9] ' "$dir/out"
journal "$dir/j" --rows
timeout 60 "$wiretick" book "$dir/m1.itch" >"$dir/rows" 2>"$dir/err"
check "rows: those of book for the same market" cmp -s "$dir/out" "$dir/rows"
journal "$dir/j" --json --type card_event
at=$(grep '"text": "bbo' "$dir/out" | sed -n '200{s/.*"offset": \([0-9]*\).*/\1/p;q}')
record=$(grep '"text": "bbo' "$dir/out" | sed -n '200{s/.*"number": \([0-9]*\).*/\1/p;q}')
cp -r "$dir/j" "$dir/keep"
# One bit of a best bid (8 bytes of head behind the record's 32).
byte=$(od -An -tu1 -j $((at + 64)) -N1 "$dir/j/00000001.wtj")
printf '%b' "\\x$(printf %02x $((byte ^ 1)))" | dd of="$dir/j/00000001.wtj" bs=1 seek=$((at + 64)) conv=notrunc status=none
verify
check "a flipped byte is found" [ $? -eq 1 ]
check "and shown: file, offset, the last whole record" \
    grep -q "00000001.wtj: offset $at: a record whose checksum is wrong; the last whole record is number $((record - 1))" "$dir/err"
journal "$dir/j"
check "journal lists up to it, and fails" [ $? -eq 1 -a "$(grep -cE '^ *[0-9]+  ' "$dir/out")" = $((record - 1)) ]
rm -r "$dir/j"
cp -r "$dir/keep" "$dir/j"
# The same flip with a checksum to match: only the replay itself can find that.
cat >"$dir/reseal.c" <<'END'
#include <stdlib.h>
#include <stdio.h>
#include "host/event/journal.h"
int main(int argc, char **argv) /* FILE OFFSET-OF-RECORD BYTE-OF-RECORD: flip its lowest bit */
{
    static uint64_t record[1024];
    struct wt_journal_head head;
    FILE *f = argc == 4 ? fopen(argv[1], "r+b") : NULL;
    long at = argc == 4 ? atol(argv[2]) : 0;
    if (!f || fread(&head, sizeof head, 1, f) != 1 || fseek(f, at, SEEK_SET) || !fread(record, 1, sizeof record, f))
        return 1;
    struct wt_journal_record *r = (void *)record;
    ((uint8_t *)record)[atoi(argv[3])] ^= 1;
    r->checksum = wt_journal_checksum(head.session, r, r->length);
    return fseek(f, at, SEEK_SET) || !fwrite(record, (r->length + 7u) & ~7u, 1, f) || fclose(f);
}
END
# shellcheck disable=SC2086  # SANITIZE: flags, as the library was built with
if gcc -std=c17 -I. -D_GNU_SOURCE ${SANITIZE:-} "$dir/reseal.c" "$B/libwiretick.a" -o "$dir/reseal" 2>"$dir/err"; then
    # The best bid that the first sell order was priced by: changed, with a checksum to match, it is another market.
    journal "$dir/keep" --json
    at=$(grep -m1 -B400 '"type": "send".*enter order 1 ' "$dir/out" | grep '"text": "bbo' | tail -1 | sed 's/.*"offset": \([0-9]*\).*/\1/')
    "$dir/reseal" "$dir/j/00000001.wtj" "$at" 65 # 256 units of the bid's price: 2.56 cents
    verify --orders "$dir/orders.csv"
    check "a changed input is found by what came out" [ $? -eq 1 ]
    check "the audit finds it, too, and shows the software's book" \
        sh -c "grep -q 'audit: message .*: card: bid .*software: ' '$dir/err' && grep -q 'audit: .* bid 1: ' '$dir/err' && grep -q 'audit: .* ask 1: ' '$dir/err'"
    check "and is an alert" [ "$(grep -c ',alert,.*,audit$' "$dir/orders.csv")" = 1 ]
    check "and shown: what was recorded, what came out" \
        sh -c "grep -q '^difference at record' '$dir/out' && grep -q 'recorded: ' '$dir/out' && grep -q 'replayed: *event .*alert' '$dir/out'"
    rm -r "$dir/j"
    cp -r "$dir/keep" "$dir/j"
else
    result 1 "the tool that changes a record compiles"
fi

# ------------------------------------------------------------ killed
timeout 60 "$wiretick" generate "$dir/long.itch" --messages 200000 --seed 3 2>"$dir/err"
for n in 1 2 3 4 5 6; do
    rm -rf "$dir/j" "$dir/o/orders.csv"
    "$wiretick" run $config --set output.dir="$dir/o" --set output.journal="$dir/j" --set output.journal_mb=1 \
        --set exchange.file="$dir/long.itch" >/dev/null 2>&1 &
    pid=$!
    for _ in $(seq 500); do # until the session has begun: before it, there is no journal to be exact
        [ -e "$dir/o/orders.csv" ] && break
        sleep 0.02
    done
    sleep 0.$((n * 13 + 20))
    kill -9 $pid
    wait $pid 2>/dev/null
    verify
    check "killed $((n * 130 + 200)) ms after its begin: what is there is exact" \
        sh -c "[ $? -eq 0 ] && grep -q 'no difference' '$dir/out' && grep -q 'ends before the session does' '$dir/err'"
done

# ------------------------------------------------------------ a full disk
mkdir "$dir/tmpfs"
if unshare -Urm mount -t tmpfs none "$dir/tmpfs" 2>/dev/null; then
    # shellcheck disable=SC2016
    unshare -Urm sh -c 'mount -t tmpfs -o size=3500k none "$1/tmpfs" && shift 0 &&
        "$2" run "$3" --set output.dir="$1/full" --set output.journal="$1/tmpfs/j" --set output.journal_mb=1 \
            --set exchange.file="$1/long.itch" >"$1/out" 2>"$1/err"
        echo $? >"$1/status"
        "$2" replay "$1/tmpfs/j" --verify >"$1/out" 2>>"$1/err"
        echo $? >>"$1/status"' sh "$dir" "$wiretick" $config
    check "a full disk ends trading, with a message and a status, and its journal is exact" \
        [ "$(tr '\n' ' ' <"$dir/status")" = "1 0 " ]
    check "the message says why" grep -q 'journal cannot be written: No space left on device; no new orders' "$dir/err"
    check "the alert is in orders.csv, once" [ "$(grep -c ',alert,.*,journal$' "$dir/full/orders.csv")" = 1 ]
    check "nothing is sent after it" awk -F, '$2 == "alert" {on = 1; next} on && ($2 == "sent" || $2 == "replace_sent") {exit 1}' "$dir/full/orders.csv"
    check "and nothing is left open" awk -F, 'NR > 1 && $5 {s[$5] = $7} END {for (i in s) if (s[i] !~ /FILLED$|CANCELED|EXPIRED|REJECTED|REPLACED/ || s[i] == "PARTIALLY_FILLED") exit 1}' "$dir/full/orders.csv"
else
    number=$((number + 1))
    echo "ok $number - a full disk # SKIP no user namespaces here"
fi

# ------------------------------------------------------------ what journal shows
rm -rf "$dir/j"
cp -r "$dir/keep" "$dir/j"
journal "$dir/j" --pcap "$dir/j.pcap"
"$wiretick" book "$dir/j.pcap" >"$dir/rows" 2>"$dir/err"
"$wiretick" book "$dir/m1.itch" >"$dir/wanted" 2>"$dir/err"
check "the exported market data is the market" cmp -s "$dir/rows" "$dir/wanted"
journal "$dir/j" --json
check "every line of the JSON export is an object" sh -c "[ \$(grep -cE '^\{\"number\": [0-9]+, .*\}\$' '$dir/out') = \$(wc -l <'$dir/out') ]"
journal "$dir/j" --csv --order 1
check "an order's records, from the request to its end" sh -c "grep -q ',send,.*enter order 1 ' '$dir/out' && grep -q ',recv,' '$dir/out'"
journal "$dir/j" --symbol ACME --type order_flow,send
check "a symbol's records of two types" sh -c "[ \$(grep -c ' ACME' '$dir/out') -gt 100 ] && ! grep -E '^ +[0-9]+ ' '$dir/out' | grep -vq ACME"
journal "$dir/j" --records 10-19
check "records by number" [ "$(grep -cE '^ +1[0-9]  ' "$dir/out")" = 10 ]
journal "$dir/j" --from 09:30:01 --to 09:30:01.5 --type order_flow
check "records by time" sh -c "[ \$(wc -l <'$dir/out') -gt 100 ] && ! grep -E '^ +[0-9]+ ' '$dir/out' | grep -vqE ' 09:30:01[.][0-4]'"
journal "$dir/j" --config
check "the configuration, readable again" sh -c "'$wiretick' check '$dir/out' >/dev/null 2>'$dir/err'"
"$wiretick" journal "$dir/j" --follow >"$dir/out" 2>"$dir/err"
check "follow ends with the session" [ $? -eq 0 ]

# ------------------------------------------------------------ bad input
bad() { # NAME STATUS PATTERN ARGUMENTS...
    local name=$1 want=$2 pattern=$3
    shift 3
    timeout 20 "$wiretick" "$@" >"$dir/out" 2>"$dir/err"
    [ $? -eq "$want" ] && grep -qE "$pattern" "$dir/err"
    result $? "$name"
}
mkdir "$dir/empty"
head -c 40 "$dir/j/00000001.wtj" >"$dir/short.wtj"
bad "a folder without a journal" 1 'no file of a journal' journal "$dir/empty"
bad "nothing there" 1 'No such file' replay "$dir/none"
bad "a file that is no journal" 1 'm1.itch: offset 0: it is no journal' journal "$dir/m1.itch"
bad "a head that is cut" 1 'short.wtj: offset 0: it is too short' replay "$dir/short.wtj"
bad "no journal named" 2 'no journal' journal
bad "an unknown type" 2 "'send,hello' is not right" journal "$dir/j" --type send,hello
bad "a bad time" 2 "'9 o.clock' is not right" journal "$dir/j" --from "9 o'clock"
bad "an unknown option" 2 "unknown option '--fast'" replay "$dir/j" --fast
check "both have --help" sh -c "'$wiretick' journal --help | grep -q 'usage: wiretick journal' && '$wiretick' replay --help | grep -q 'usage: wiretick replay'"
echo "1..$number"
