#!/bin/bash
# The link `pci`, unmodified, without a card and without root: a PCI device made up in a private namespace (pci_device),
# whose BAR0 another process serves with the Verilated card. Prints TAP.
set -u
B=${B:-build}
wiretick=$B/wiretick
here=$(dirname "$0")
dir=$(mktemp -d)
server=
trap '[ -n "$server" ] && kill "$server" 2>/dev/null; wait; rm -rf "$dir"' EXIT
number=0

if ! why=$(unshare -rm mount -t tmpfs none /sys/bus/pci/devices 2>&1); then
    echo "ok 1 - link pci # SKIP no private namespace over /sys/bus/pci/devices here: ${why//$'\n'/ }"
    echo 1..1
    exit 0
fi

result() { # STATUS NAME
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        cat "$dir/out" "$dir/err" | grep -v '^[0-9]*,' | sed 's/^/#   /' | tail -12
    fi
}
run() { # arguments: runs with the device into out, err, status
    timeout 120 "$here/pci_device" "$dir" "${ids[@]}" -- "$wiretick" "$@" >"$dir/out" 2>"$dir/err"
    status=$?
}
ids=()
serve() { # arguments: starts the card, waits until it is there
    rm -f "$dir/server"
    "$wiretick" cardserver --bar "$dir/resource0" --dma "$dir/dma" "$@" 2>"$dir/server" &
    server=$!
    for _ in {1..300}; do
        grep -qs ready "$dir/server" && return
        sleep 0.05
    done
}
stop() { # the card's process; its status
    kill "$server"
    wait "$server"
    status=$?
    server=
}
book() { # FILE
    run book "$1" --link pci --dma "file:$dir/dma" --stats "$dir/stats"
}
one_line() { [ $status -eq "$1" ] && [ "$(grep -c 'error:' "$dir/err")" -eq 1 ] && grep -q "$2" "$dir/err"; }
stat() { # KEY of the last --stats
    sed -n "s/^ *\"$1\": \\([0-9]*\\),*\$/\\1/p" "$dir/stats"
}
clean() { [ "$(stat audit_mismatches) $(stat gaps) $(stat shed) $(stat conflated) $(stat stale_symbols)" = "0 0 0 0 0" ]; }

# ------------------------------------------------------------ a card
"$wiretick" generate "$dir/g" --messages 40000 --seed 7 2>"$dir/err"
"$wiretick" book "$dir/g" >"$dir/sim" 2>"$dir/err"
serve --feed "$dir/g"
run probe
[ $status -eq 0 ] && grep -q '^card 0000:42:00.0  10ee:5754' "$dir/out" && grep -q 'schema [0-9]* (this' "$dir/out" &&
    grep -q 'Gen3 x8, of Gen3 x8' "$dir/out" && grep -q 'BAR0  *32768 bytes' "$dir/out" &&
    grep -q 'IOMMU  *group 7' "$dir/out" && grep -q 'NUMA node  0' "$dir/out" && grep -q 'missing  *nothing' "$dir/out"
result $? "probe: the card, its versions, link, BAR, IOMMU group, NUMA node"
run selftest --link pci --dma "file:$dir/dma"
[ $status -eq 0 ] && [ "$(grep -c ' ok ' "$dir/out")" -eq 8 ] && ! grep -q FAILED "$dir/out"
result $? "selftest: registers, reset, DMA both ways, rings, counters"
for time in first second; do
    book "$dir/g"
    [ $status -eq 0 ] && [ -s "$dir/sim" ] && cmp -s "$dir/out" "$dir/sim" && clean && [ "$(stat hw_rows)" -gt 1000 ]
    result $? "book, the $time host on this card: rows equal the sim link's"
done
run selftest --link pci --card 42:00.0 --dma "file:$dir/dma"
result $status "selftest after book, the card named"
exec 9<>"$dir/dma"
flock -n 9
run selftest --link pci --dma "file:$dir/dma"
result "$(one_line 1 'in use by another' >/dev/null; echo $?)" "a second host is refused"
exec 9>&-

# ------------------------------------------------------------ a card that is no more
"$wiretick" generate "$dir/long" --messages 2000000 2>"$dir/err"
stop
[ $status -eq 0 ] && grep -q ' 0 TLP violations' "$dir/server"
result $? "the card's TLPs keep the rules"
serve --feed "$dir/long"
: >"$dir/out"
(
    book "$dir/long"
    exit $status
) &
host=$!
for _ in {1..200}; do # until rows come
    [ -s "$dir/out" ] && break
    sleep 0.05
done
stop
wait $host
[ $? -eq 1 ] && [ -s "$dir/out" ] && grep -q 'it is gone' "$dir/err" && [ "$(grep -c 'error:' "$dir/err")" -eq 1 ]
result $? "a card that is gone under way: a stop, and one line"
run probe
one_line 1 'it is gone'
result $? "a card that is gone: probe"

# ------------------------------------------------------------ bad input
serve
printf '\x02' | dd of="$dir/resource0" bs=1 seek=4 conv=notrunc status=none
run selftest --link pci --dma "file:$dir/dma"
grep -q 'schema version 2, this program from' "$dir/err" && [ $status -eq 1 ]
result $? "another schema version is refused with both"
stop
serve
run selftest --link pci --dma "file:$dir/missing"
result "$(one_line 1 'missing: cannot open' >/dev/null; echo $?)" "no DMA memory"
for kind in vfio hugepages; do
    run selftest --link pci --dma $kind
    result "$(one_line 1 "'$kind' is not in this version" >/dev/null; echo $?)" "DMA memory that is not there yet: $kind"
done
run selftest --link pci
result "$(one_line 2 'needs --dma' >/dev/null; echo $?)" "no --dma"
run selftest --link pci --card 43:00.0 --dma "file:$dir/dma"
result "$(one_line 1 'no such PCI device' >/dev/null; echo $?)" "another address"
run selftest --link pci --card nowhere --dma "file:$dir/dma"
result "$(one_line 1 'not a PCI address' >/dev/null; echo $?)" "no address"
run book "$dir/g" --link pci --dma "file:$dir/dma" --loss-a 0.1
result "$(one_line 2 'loss-a is not for --link pci' >/dev/null; echo $?)" "accidents on wires that are not ours"
ids=(8086 1572)
run selftest --link pci --card 42:00.0 --dma "file:$dir/dma"
result "$(one_line 1 'ids are 8086:1572, must be 10ee:5754' >/dev/null; echo $?)" "wrong ids"
run probe
result "$(one_line 1 'no card' >/dev/null; echo $?)" "no card"
ids=()
stop
truncate -s 4096 "$dir/resource0"
run selftest --link pci --dma "file:$dir/dma"
result "$(one_line 1 'BAR0 has 4096 bytes, must have 32768' >/dev/null; echo $?)" "a BAR that is too small"

echo "1..$number"
