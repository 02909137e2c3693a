#!/bin/bash
# scripts/bind, in a private namespace with a made-up /sys/bus/pci in which this file plays the kernel. TAP.
set -uo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
if [ "${1:-}" != inside ]; then
    if ! why=$(unshare -rm mount -t tmpfs none /sys/bus/pci 2>&1); then
        echo "ok 1 - bind # SKIP no private namespace over /sys/bus/pci here: ${why//$'\n'/ }"
        echo 1..1
        exit 0
    fi
    exec unshare -rm "$0" inside
fi

number=0
pci=/sys/bus/pci
card=0000:42:00.0
export WIRETICK_BIND_STATE=$dir/kept
mkdir -p "$dir/pci/drivers/"{nouveau,vfio-pci} "$dir/pci/devices/$card" "$dir/pci/devices/0000:01:00.0" "$dir/groups/7"
mount --bind "$dir/pci" $pci || exit 1
echo 0x10ee >$pci/devices/$card/vendor
echo 0x5754 >$pci/devices/$card/device
echo 0x8086 >$pci/devices/0000:01:00.0/vendor
echo 0x1572 >$pci/devices/0000:01:00.0/device
: >$pci/devices/$card/config
: >$pci/devices/$card/resource0
ln -s "$dir/groups/7" $pci/devices/$card/iommu_group
# As the kernel does: a driver lets go of what is written to its unbind, drivers_probe looks for a driver.
hold() { ln -sfn "$dir/pci/drivers/$1" $pci/devices/$card/driver; }
mkfifo $pci/drivers_probe $pci/drivers/nouveau/unbind $pci/drivers/vfio-pci/unbind
usual=nouveau
for fifo in "$pci"/drivers/*/unbind; do
    while :; do
        read -r at <"$fifo" || continue
        echo "unbind $at" >>"$dir/kernel"
        rm -f "$pci/devices/$at/driver"
    done &
done
while :; do
    read -r at <$pci/drivers_probe || continue
    over=$(cat $pci/devices/"$at"/driver_override)
    echo "probe $at ${over:-usual}" >>"$dir/kernel"
    [ -e "$dir/stubborn" ] || hold "${over:-$usual}"
done &

check() { # NAME CONDITION...
    number=$((number + 1))
    if "${@:2}"; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        sed 's/^/#   /' "$dir/out"
    fi
}
bind() { # STATUS WORDS OPTIONS...
    local want=$1 words=$2
    : >"$dir/kernel"
    timeout 20 scripts/bind "${@:3}" >"$dir/out" 2>&1
    [ $? -eq "$want" ] && grep -q -- "$words" "$dir/out"
}
kernel() { [ "$(cat "$dir/kernel")" = "$1" ]; }
driver() { [ "$(basename "$(readlink $pci/devices/$card/driver || echo none)")" = "$1" ]; }

hold nouveau
check 'list' bind 0 "^$card  driver nouveau, IOMMU group 7\$" list
check 'dry run: every step' bind 0 "echo 'vfio-pci' > $pci/devices/$card/driver_override" vfio 42:00.0 --user root --dry-run
check 'dry run: the files of the user' grep -q 'chown root /dev/vfio/7' "$dir/out"
unchanged() { kernel '' && driver nouveau && [ ! -e "$dir/kept" ] && [ ! -e $pci/devices/$card/driver_override ]; }
check 'dry run: nothing is done' unchanged
check 'vfio' bind 0 'is bound to vfio-pci; `scripts/bind back' vfio $card
check 'vfio: what the kernel was told' kernel "unbind $card"$'\n'"probe $card vfio-pci"
check 'vfio: bound' driver vfio-pci
check 'vfio again: nothing to do' bind 0 'is bound to vfio-pci;' vfio $card
check 'vfio again: the kernel was told nothing' kernel ''
check 'list knows what was before' bind 0 'driver vfio-pci, IOMMU group 7, before: nouveau' list
check 'none' bind 0 'is bound to none;' none $card
check 'none: the kernel may not bind it again' grep -qx none $pci/devices/$card/driver_override
check 'back' bind 0 'is bound to nouveau$' back $card
check 'back: what the kernel was told' kernel "probe $card usual"
check 'back: nothing is kept' [ ! -e "$dir/kept/$card" ]
check 'back twice is refused' bind 1 'was not bound by this script' back $card
check 'a user for whom it is' bind 0 "chown root $pci/devices/$card/resource0" none $card --user root
check 'no such user' bind 1 "no user 'nobody_here'" none $card --user nobody_here
bind 0 'nouveau$' back $card
touch "$dir/stubborn"
check 'a kernel that does not bind' bind 1 'the kernel has not bound 0000:42:00.0 to vfio-pci: it is bound to none' vfio $card
rm "$dir/stubborn"
check 'and back from there' bind 0 'is bound to nouveau$' back $card
check 'a device that is no card' bind 1 'ids are 0x8086:0x1572, must be 0x10ee:0x5754' none 01:00.0 --dry-run
check 'no such device' bind 1 'no PCI device at 0000:05:00.0' vfio 05:00.0
check 'no address' bind 1 'is no PCI address' vfio first
check 'wrong usage' bind 2 'usage:' vfio
rm $pci/devices/$card/iommu_group
check 'no IOMMU' bind 1 'has no IOMMU group: switch the IOMMU on' vfio $card
echo "1..$number"
# the loops wait at their pipes
for job in $(jobs -p); do kill "$job" 2>/dev/null; done
wait 2>/dev/null
