#!/bin/bash
# A small session for each fault of the exchange, reconciled to the order and the level by scripts/venue-session, whose
# full size is `make venue-session`: exchange and host as two processes; then the same venue inside of the host, all
# faults at once, twice with the same bytes. TAP.
set -u
B=${B:-build}
faults=$(sed -n "/^all='/,/'\$/p" scripts/venue-session | tr -d "'" | sed 's/^all=//')
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
number=0
check() { # NAME COMMAND...
    number=$((number + 1))
    if "${@:2}" >"$dir/out" 2>&1; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        sed 's/^/#   /' "$dir/out"
    fi
}
for fault in $faults; do
    check "two processes reconciled: $fault" scripts/venue-session --messages 20000 --orders 10 --speed 40 "$fault"
done
check 'a venue in process reconciled: everything' \
    scripts/venue-session --inside --messages 20000 --orders 50 --speed 40 --keep "$dir/kept" everything
same() {
    cp "$dir/kept/everything/run/orders.csv" "$dir/first.csv" && cp "$dir/kept/everything/venue/books.csv" "$dir/books.csv" &&
        "$B/wiretick" run "$dir/kept/everything/run.yaml" && cmp "$dir/first.csv" "$dir/kept/everything/run/orders.csv" &&
        cmp "$dir/books.csv" "$dir/kept/everything/venue/books.csv"
}
check 'and again, to the byte' same
echo "1..$number"
