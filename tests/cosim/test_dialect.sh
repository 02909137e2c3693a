#!/bin/bash
# OUCH 4.2 in whole sessions: a replayed market in process, a venue in process with faults, and exchange and host as two
# processes; each reconciled, and replayed from its journal byte for byte. TAP.
set -u
. tests/cosim/tap.sh
config=host/strategy/configs/default.yaml
"$wiretick" generate "$dir/market.itch" --messages 30000 --seed 4 2>"$dir/err"
run() { # NAME DIALECT
    "$wiretick" run $config --set exchange.file="$dir/market.itch" --set exchange.dialect="$2" \
        --set output.dir="$dir/$1" --set output.journal="$dir/$1/j" >"$dir/out" 2>"$dir/err"
}
fills() { [ "$(awk -F, '$11 > 0' "$dir/a/orders.csv" | wc -l)" -gt 5 ]; }
again() { run b ouch42 && cmp -s "$dir/a/orders.csv" "$dir/b/orders.csv" && cmp -s "$dir/a/summary.json" "$dir/b/summary.json"; }
verified() { "$wiretick" replay "$dir/a/j" --verify >"$dir/out" && grep -q 'no difference' "$dir/out"; }
words() { # every request that left is put into words
    "$wiretick" journal "$dir/a/j" --type send --json >"$dir/sent"
    grep -q 'enter order' "$dir/sent" && grep -q 'replace order' "$dir/sent" && ! grep -qE 'not OUCH|bytes: ' "$dir/sent"
}
# By the bytes: Enter is 49 bytes, Replace 47, each with a new token (WT, ten digits, the strategy); no query in between.
token='5754(3[0-9]){10}(3[0-9]|4[1-6]){2}'
tokens() {
    local n
    grep -oE "\"003255(4f)$token" "$dir/sent" | cut -c10- >"$dir/names"
    grep -oE "\"00305555$token$token" "$dir/sent" | cut -c38- >>"$dir/names"
    n=$(wc -l <"$dir/names")
    [ "$n" -gt 100 ] && [ "$(sort -u "$dir/names" | wc -l)" -eq "$n" ] && ! grep -q '"00025551"' "$dir/sent" &&
        [ "$(grep -cE '(enter|replace) order' "$dir/sent")" -eq "$n" ]
}
other() { run c ouch50 && ! cmp -s "$dir/a/orders.csv" "$dir/c/orders.csv"; }
session() { scripts/venue-session --dialect ouch42 --messages 20000 "$@" >"$dir/out" 2>"$dir/err"; }
check 'a replayed market runs' run a ouch42
check 'and trades' fills
check 'the same bytes again' again
check 'its journal replays' verified
check 'the journal puts it into words' words
check 'every order has a token of its own, and nobody asks a query' tokens
check 'the other dialect is another session' other
check 'a venue in process reconciled: everything' session --inside --messages 30000 --orders 60 --speed 10 everything
for fault in none ack-lost cancel-pending; do
    check "two processes reconciled: $fault" session --orders 30 --speed 20 "$fault"
done
sed 's/username: WT0001/&, dialect: ouch42/' sim/exchange/configs/agents.yaml >"$dir/venue.yaml"
refused() {
    ! "$wiretick" run $config --set exchange.file= --set exchange.venue="$dir/venue.yaml" \
        --set exchange.username=WT0001 --set exchange.password=wiretick --set output.dir="$dir/d" \
        --set output.journal="$dir/d/j" >"$dir/out" 2>"$dir/err" &&
        grep -q 'exchange.dialect: ouch42 is right for the account WT0001' "$dir/err"
}
check 'a venue in process of the other dialect is refused by name' refused
unknown() { ! "$wiretick" check $config --set exchange.dialect=ouch41 2>"$dir/err" && grep -q "'ouch41' is not known.*ouch42" "$dir/err"; }
check 'a dialect that there is not' unknown
echo "1..$number"
