#!/bin/bash
# scripts/flash and `make flash`: its commands, and what it checks before them. Tools and bitstreams are made up; the USB
# bus, too, where a private namespace can be had. TAP.
set -uo pipefail
usb=
if [ "${1:-}" != inside ]; then
    unshare -rm mount -t tmpfs none /sys/bus 2>/dev/null && exec unshare -rm "$0" inside
else
    usb=/sys/bus/usb/devices
    mount -t tmpfs none /sys/bus && mkdir -p $usb/1-1 || exit 1
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
number=0
export B=$dir/build LOG=$dir/log
hash=0badcafe
mkdir -p "$dir/bin" "$B/boards/ecp5_versa" "$B/boards/as02mc04"

check() { # NAME COMMAND...
    number=$((number + 1))
    if "${@:2}"; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        cat "$dir/out" "$LOG" | sed 's/^/#   /'
    fi
}
flash() { # STATUS WORDS OPTIONS...
    local want=$1 words=$2
    : >"$LOG"
    scripts/flash "${@:3}" >"$dir/out" 2>&1
    [ $? -eq "$want" ] && grep -qF -- "$words" "$dir/out"
}
ran() { [ "$(cat "$LOG")" = "$1" ]; }
lines() { [ "$(grep -c . "$dir/out")" -eq "$1" ]; }
tool() { # NAME: writes down how it was called
    cat >"$dir/bin/$1" <<'END'
#!/bin/bash
case ${1:-} in
--list-boards) [ ! -e "$(dirname "$0")/old" ] && echo 'alibaba_u3p              ' ; echo 'arty      digilent'; exit ;;
--list-cables) printf 'digilent_hs2             0x0403:0x6014\nft2232    0x0403:6010\nlibgpiod   0x0000:0000\n'; exit ;;
--Version) echo 'openFPGALoader v0.10.0'; exit ;;
esac
echo "${0##*/} $*" >>"$LOG"
[ ! -e "$(dirname "$0")/${0##*/}.fails" ]
END
    chmod +x "$dir/bin/$1"
}
plug() { # VENDOR PRODUCT
    echo "$1" >$usb/1-1/idVendor
    echo "$2" >$usb/1-1/idProduct
}
openocd="openocd -f hdl/boards/ecp5_versa/openocd.cfg -c"

# ------------------------------------------------------------ nothing is there but the scripts
make_flash() { # VARIABLES
    make -s flash B=build "$@" >"$dir/out" 2>&1
}
refused() { ! "${@:2}" && grep -qF -- "$1" "$dir/out"; }
check 'make flash BOARD=ecp5_versa DRY_RUN=1' make_flash BOARD=ecp5_versa DRY_RUN=1
check 'its command' grep -qF "  $openocd 'init; svf build/boards/ecp5_versa/ecp5_versa.svf -progress; shutdown'" "$dir/out"
check 'and what reads the hash back' grep -qE '^  build/wiretick selftest --link udp --expect-git [0-9a-f]{8}$' "$dir/out"
check 'make flash BOARD=as02mc04 DRY_RUN=1' make_flash BOARD=as02mc04 DRY_RUN=1
check 'its command' grep -qxF '  openFPGALoader --board alibaba_u3p --cable digilent_hs2 --write-flash --verify build/boards/as02mc04/as02mc04.bit' "$dir/out"
check 'and what reads the hash back' grep -qE '^  build/wiretick probe --expect-git [0-9a-f]{8}$' "$dir/out"
check 'make flash with cable, memory and card' make_flash BOARD=as02mc04 CABLE=ft2232 INTO=fpga CARD=42:00.0 DRY_RUN=1
check 'its command' grep -qF 'openFPGALoader --board alibaba_u3p --cable ft2232 --write-sram build' "$dir/out"
check 'and what reads the hash back' grep -qF 'probe --card 42:00.0 --expect' "$dir/out"
check 'make flash without BOARD' refused 'usage: make flash BOARD=' make_flash
check 'no such board' flash 1 "no board is called 'arty'; there are: as02mc04 ecp5_versa" arty
check 'no such memory' flash 1 "--into 'ram': expected flash or fpga" as02mc04 --into ram
check 'no bitstream' flash 1 "as02mc04.bit is not there: make bitstream BOARD=as02mc04 makes it" as02mc04

# ------------------------------------------------------------ a bitstream, and tools by and by
for file in ecp5_versa/ecp5_versa.svf ecp5_versa/ecp5_versa.bit as02mc04/as02mc04.bit; do echo bits >"$B/boards/$file"; done
echo $hash | tee "$B/boards/ecp5_versa/git_hash" >"$B/boards/as02mc04/git_hash"
mkdir "$dir/few" # commands: neither of the tools
for name in bash cat git grep sed awk tr head; do ln -s "$(command -v $name)" "$dir/few/"; done
usual=$PATH
# shellcheck disable=SC2123 # it is meant
PATH=$dir/few
check 'no OpenOCD' flash 1 'openocd is not installed: apt-get install openocd' ecp5_versa
check 'no openFPGALoader' flash 1 'openFPGALoader is not installed: apt-get install openfpgaloader' as02mc04
PATH=$dir/bin:$usual
tool openocd
tool openFPGALoader
tool wiretick
mv "$dir/bin/wiretick" "$B/wiretick"
check 'a cable that the tool does not know' flash 1 "has no cable 'telepathy'" as02mc04 --cable telepathy
touch "$dir/bin/old"
check 'a tool that does not know the board' flash 1 'openFPGALoader v0.10.0 does not know the board alibaba_u3p' as02mc04
rm "$dir/bin/old"
check 'so far nothing was run' ran ''
if [ -z "$usb" ]; then
    echo "ok $((number + 1)) - with a cable # SKIP no private namespace over /sys/bus here"
    echo "1..$((number + 1))"
    exit 0
fi
check 'no cable' flash 1 'no JTAG cable: nothing with USB ids 0403:6014 (cable digilent_hs2) is plugged in' as02mc04
check 'no cable to the Versa' flash 1 'no JTAG cable: nothing with USB ids 0403:6010 is plugged in' ecp5_versa
check 'still nothing was run' ran ''

# ------------------------------------------------------------ a cable
plug 0403 6010
check 'the wrong cable' flash 1 'nothing with USB ids 0403:6014' as02mc04
check 'the Versa: done' flash 0 'ecp5_versa: done' ecp5_versa
check 'the Versa: what was run' ran "$openocd init; svf $B/boards/ecp5_versa/ecp5_versa.svf -progress; shutdown
wiretick selftest --link udp --expect-git $hash"
check 'the Versa, to stay' flash 0 'into the flash memory' ecp5_versa --into flash --card 192.168.57.2
check 'the Versa, to stay: what was run' ran "openFPGALoader --cable ft2232 --write-flash --verify $B/boards/ecp5_versa/ecp5_versa.bit
wiretick selftest --link udp --card 192.168.57.2 --expect-git $hash"
plug 0403 6014
check 'the card: done' flash 0 'as02mc04: done' as02mc04
check 'the card: what was run' ran "openFPGALoader --board alibaba_u3p --cable digilent_hs2 --write-flash --verify $B/boards/as02mc04/as02mc04.bit
wiretick probe --expect-git $hash"
check 'a cable that is not on USB' flash 0 'as02mc04: done' as02mc04 --cable libgpiod
touch "$dir/bin/openFPGALoader.fails"
check 'the tool fails' flash 1 'the flash memory may be half written: do it again before the power goes' as02mc04
check 'then nothing is asked of the card' ran "openFPGALoader --board alibaba_u3p --cable digilent_hs2 --write-flash --verify $B/boards/as02mc04/as02mc04.bit"
rm "$dir/bin/openFPGALoader.fails"
touch "$B/wiretick.fails"
check 'another bitstream than was written' flash 1 "does not show the bitstream $hash: restart the machine" as02mc04
echo "1..$number"
