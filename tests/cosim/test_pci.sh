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
[ $status -eq 0 ] && [ "$(grep -c ' ok ' "$dir/out")" -eq 9 ] && ! grep -q FAILED "$dir/out" &&
    grep -q '^interrupts  *ok  *60 sleeps, woken 40 times by 40' "$dir/out"
result $? "selftest: registers, reset, DMA both ways, rings, counters, interrupts"
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

# ------------------------------------------------------------ two cards
"$wiretick" cardserver --bar "$dir/resource0.2" --dma "$dir/dma2" 2>"$dir/server2" &
second=$!
serve
for _ in {1..300}; do
    grep -qs ready "$dir/server2" && break
    sleep 0.05
done
run probe
[ $status -eq 0 ] && [ "$(grep -c '^card 0000:4[23]:00.0' "$dir/out")" -eq 2 ]
result $? "two cards: probe lists both"
run probe --card 43:00.0
[ $status -eq 0 ] && [ "$(grep -c '^card' "$dir/out")" -eq 1 ] && grep -q '^card 0000:43:00.0' "$dir/out"
result $? "two cards: probe of one"
run selftest --link pci --dma "file:$dir/dma"
result "$(one_line 1 'more than one card: say which' >/dev/null; echo $?)" "two cards: which one must be said"
# shellcheck disable=SC2016 # it is the inner shell's
timeout 120 "$here/pci_device" "$dir" -- bash -c '
    "$1" selftest --link pci --card 42:00.0 --dma "file:$2/dma" >"$2/out" 2>"$2/err" & first=$!
    "$1" selftest --link pci --card 43:00.0 --dma "file:$2/dma2" >"$2/out2" 2>"$2/err2" && wait $first' \
    sh "$wiretick" "$dir"
result $? "two cards: selftest of both at once"
stop
kill $second
wait $second
rm -f "$dir/resource0.2"

# ------------------------------------------------------------ what is missing
serve
run probe
hash=$(sed -n 's/^  version .* git \([0-9a-f]*\),.*/\1/p' "$dir/out")
grep -q 'memory  *vfio: not yet' "$dir/out" && grep -q 'hugepages: not behind this IOMMU' "$dir/out" && [ ${#hash} -eq 8 ]
result $? "probe: what DMA memory there is"
run probe --expect-git "${hash}0123"
result $status "probe: the git hash that was expected"
run probe --expect-git 0123456789ab
[ $status -eq 1 ] && grep -q "missing  *the bitstream of git 01234567: this one is of git $hash" "$dir/out"
result $? "probe: another git hash than expected"
run selftest --link pci --dma "file:$dir/dma" --expect-git "$hash"
[ $status -eq 0 ] && grep -q "git hash  *ok  *the bitstream is of git $hash" "$dir/out"
result $? "selftest: the git hash that was expected"
run selftest --link pci --dma "file:$dir/dma" --expect-git 01234567
[ $status -eq 1 ] && grep -q "git hash  *FAILED  *the bitstream is of git $hash, expected 01234567" "$dir/out"
result $? "selftest: another git hash than expected"
run probe --expect-git now
result "$(one_line 2 'is not right' >/dev/null; echo $?)" "probe: no git hash"
PCI_LINK=41 run probe
[ $status -eq 1 ] && grep -q 'missing  *a full link' "$dir/out" && grep -q 'link  *Gen1 x4, of Gen3 x8' "$dir/out"
result $? "probe: a link that is slower than it could be"
PCI_DRIVER=xdma run probe
[ $status -eq 1 ] && grep -q "missing  *a free card: the kernel's driver 'xdma' holds it" "$dir/out"
result $? "probe: a driver that holds the card"
missing() { # NAME OF WHAT IS MISSING, LINE, OPTIONS
    local name=$1 line=$2
    shift 2
    run selftest --link pci "$@"
    result "$(one_line 1 "$line" >/dev/null; echo $?)" "$name"
}
PCI_LINK=down missing "link down" '42:00.0: it does not answer.*the PCI Express link is down' --dma "file:$dir/dma"
PCI_LINK=down missing "link down, the card named" '42:00.0: it does not answer' --card 42:00.0 --dma "file:$dir/dma"
PCI_DRIVER=xdma missing "a driver holds the card" "kernel's driver 'xdma' holds it: .scripts/bind none" --dma "file:$dir/dma"
PCI_READONLY=config missing "no permission to enable the card" 'config file in /sys must be writable' --dma "file:$dir/dma"
PCI_READONLY=resource0 run probe
[ $status -eq 1 ] && grep -q 'missing  *permission to map BAR0' "$dir/out"
result $? "probe: no permission to map BAR0"
PCI_READONLY=resource0 missing "no permission to map BAR0" 'resource0 file in /sys must be writable' --dma "file:$dir/dma"
chmod 600 "$dir/resource0"
PCI_GROUP='' missing "vfio: no IOMMU" 'has no IOMMU group: switch the IOMMU on' --dma vfio
missing "vfio: not bound" 'must be bound to vfio-pci, and has no driver: .scripts/bind vfio 0000:42:00.0' --dma vfio
mkdir "$dir/vfio"
PCI_DRIVER=vfio-pci PCI_DEV=$dir/vfio missing "vfio: not in the kernel" 'this kernel has no VFIO' --dma vfio:16
touch "$dir/vfio/vfio"
PCI_DRIVER=vfio-pci PCI_DEV=$dir/vfio missing "vfio: what is no VFIO" '/dev/vfio/vfio does not speak' --dma vfio:16
PCI_DRIVER=vfio-pci missing "vfio: too much" '8192 MiB are too much' --dma vfio:8192
missing "hugepages: not said that there is no IOMMU" 'is behind an IOMMU (group 7' --dma hugepages --no-iommu
PCI_GROUP='' missing "hugepages: an IOMMU is wanted" 'nothing keeps card 0000:42:00.0 from all' --dma hugepages
# more than any machine has
PCI_IOMMU=identity missing "hugepages: absent" '32768 pages of 2 MiB are needed, the system has' --dma hugepages:65536 --no-iommu
stop

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
run selftest --link pci --dma nothing
result "$(one_line 1 "dma: 'nothing' is not right" >/dev/null; echo $?)" "DMA memory of no provider"
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
