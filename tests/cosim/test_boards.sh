#!/bin/bash
# The boards' tops and scripts, without their tools: lint of the AS02MC04's top against its black boxes; what it takes of its
# device, by the committed table; its build script, run by a made-up Vivado (tests/cosim/vivado). TAP.
set -uo pipefail
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
said() { # WORDS: were they said?
    grep -F -- "$1" "$dir/said" || { cat "$dir/said" && false; }
}
refused() { # WORDS COMMAND...
    ! "${@:2}" >"$dir/said" 2>&1 && said "$1"
}
printed() { # WORDS COMMAND...
    if "${@:2}" >"$dir/said" 2>&1; then said "$1"; else cat "$dir/said" && false; fi
}
board=hdl/boards/as02mc04

# ------------------------------------------------------------ lint
lint() { # FILE: with these black boxes
    local rooms=(-y hdl/common -y hdl/net -y hdl/feed -y hdl/book -y hdl/pcie -y hdl/core -y hdl/card)
    verilator --lint-only -Wall "${rooms[@]}" -y $board +libext+.sv \
        --top-module wt_as02mc04 hdl/schema/wt_schema_pkg.sv hdl/common/wt_crc_pkg.sv hdl/core/wt_pkg.sv "$1" $board/wt_as02mc04.sv
}
check 'the top of the AS02MC04 is clean against its black boxes' lint $board/stubs.v
sed 's/\[255:0\] m_axis_rc_tdata/[127:0] m_axis_rc_tdata/' $board/stubs.v >"$dir/narrow.v"
check 'and is not when one is narrower' refused WIDTH lint "$dir/narrow.v"

# ------------------------------------------------------------ resources
check 'synth-board --help' printed 'usage: scripts/synth-board BOARD' scripts/synth-board --help
check 'synth-board without a board' refused 'usage: scripts/synth-board BOARD' scripts/synth-board
check 'make synth of an unknown board' refused "no board is called 'arty'; there are: as02mc04 ecp5_versa" make -s synth BOARD=arty

check 'the AS02MC04 fits, with the parameters that it has' printed 'set aside, of 162,720' scripts/synth-board as02mc04 --table
check 'which are the symbols asked for' grep -q '^| SYMBOLS | 256 |$' $board/resources.md
check 'and the orders' grep -q '^| ORDER_SLOTS | 65536 |$' $board/resources.md
mkdir -p "$dir/copy/scripts" "$dir/copy/hdl/boards"
cp scripts/synth-board "$dir/copy/scripts/"
cp -r $board "$dir/copy/hdl/boards/"
# Writes what yosys 0.23 writes, which is no whole JSON, about a design with BRAMS block RAMs.
cat >"$dir/yosys" <<'END'
#!/bin/bash
file=$(sed -n 's/.*tee -q -o \([^ ]*\) stat -json.*/\1/p' <<<"${!#}")
cat >"$file" <<JSON
{
   "modules": {
      "a": { "num_cells_by_type": { "LUT2": 7 } }
   },
       a                             2
      "design": {
         "num_cells":         684,
         "num_cells_by_type": {
            "CARRY4": 24, "FDRE": 40000, "FDSE": 1, "INV": 14, "LUT2": 50000, "LUT6": 20000, "RAM64M8": 100, "SRL16E": 3,
            "RAMB18E2": 3, "RAMB36E2": $BRAMS, "URAM288": 44, "DSP48E2": 6
         }
      }
}

JSON
END
chmod +x "$dir/yosys"
synth() { B=$dir/b BRAMS=$1 YOSYS=$dir/yosys "$dir/copy/scripts/synth-board" "${@:2}"; }
check 'a table of what a made-up yosys counts' printed 'LUT: 70,803 and 8,000 set aside, of 162,720' synth 250 as02mc04
check 'is as it must be' grep -qxF '| BRAM36 | 252 | 32 | 360 | 79 % |' "$dir/copy/$board/resources.md"
check 'and right again' printed 'URAM: 44 and 0 set aside, of 48' synth 0 as02mc04 --table
check 'a figure that grew by more than 5 %' refused 'BRAM36 grew from 252 to 272' synth 270 as02mc04 --check
check 'more than the device has' refused 'BRAM36: 332 and 32 set aside are more than the XCKU3P has, 360' synth 330 as02mc04
check 'is seen in the table, too' refused 'BRAM36: 332 and 32 set aside' synth 0 as02mc04 --table
synth 250 as02mc04 >"$dir/said"
sed -i 's/SYMBOLS = 256/SYMBOLS = 512/' "$dir/copy/$board/wt_as02mc04.sv"
check 'a table of other parameters' refused 'make synth BOARD=as02mc04 counts again' synth 0 as02mc04 --table

# ------------------------------------------------------------ bitstream
export WT_LOG=$dir/log
build() { : >"$WT_LOG" && B=$dir/build VIVADO=$1 scripts/bitstream as02mc04; }
bit=$dir/build/boards/as02mc04/as02mc04.bit
check 'no Vivado' refused 'as02mc04 needs Vivado, 2022.1 or later' build /nonexistent/vivado
check 'the build script, by a made-up Vivado' printed "bitstream: $bit" build "$PWD/tests/cosim/vivado"
check 'its bitstream' grep -q bits "$bit"
check 'its hash, which make flash wants to read back' grep -qxE '[0-9a-f]{8}' "$dir/build/boards/as02mc04/git_hash"
check 'is also in the card' grep -qxF "sources_1 generic GIT_HASH=32'h$(cat "$dir/build/boards/as02mc04/git_hash" 2>/dev/null)" "$WT_LOG"
check 'the device' grep -qx 'part xcku3p-ffvb676-1-e' "$WT_LOG"
made() { sed -n 's/^ip .* //p' "$WT_LOG" | sort; }
boxes() { sed -n 's/^module \(wt_[a-z_]*\).*/\1/p' $board/stubs.v | sort; }
same() { diff <(made) <(boxes); }
check 'IP is made for every black box' same
id() { sed -n "s/^#define $1 0x\([0-9a-f]*\)u.*/\1/p" host/card/pci.h; }
check 'its vendor is the one that the host looks for' grep -qixF "wt_pcie_hard CONFIG.vendor_id $(id WT_PCI_VENDOR)" "$WT_LOG"
check 'its device, too' grep -qixF "wt_pcie_hard CONFIG.PF0_DEVICE_ID $(id WT_PCI_DEVICE)" "$WT_LOG"
size=$(sed -n 's/^#define WT_BAR0_SIZE \(0x[0-9a-f]*\)u$/\1/p' host/card/wt_schema.h)
check 'BAR0 is as large as the host wants' grep -qxF "wt_pcie_hard CONFIG.pf0_bar0_size $((size / 1024))" "$WT_LOG"
of() { sed -n "s/^#define $1 \(0x[0-9a-f]*\|[0-9]*\)u$/\1/p" host/card/wt_schema.h; }
offset=$(printf '%08x' "$(of WT_WIN_MSIX)")
count=$(printf '%03x' $(($(of WT_WIN_MSIX_MAX) - 1)))
check 'the MSI-X table is where the core has it' grep -qixF "wt_pcie_hard CONFIG.PF0_MSIX_CAP_TABLE_OFFSET $offset" "$WT_LOG"
check 'with as many vectors' grep -qixF "wt_pcie_hard CONFIG.PF0_MSIX_CAP_TABLE_SIZE $count" "$WT_LOG"
check 'paths between two clocks are bounded, both ways' [ "$(grep -c ^max_delay "$WT_LOG")" -eq 42 ]
check 'a timing that is not met' refused 'timing is not met (setup -0.2 ns' env WT_SLACK=-0.2 B="$dir/build" VIVADO="$PWD/tests/cosim/vivado" scripts/bitstream as02mc04
check 'leaves no bitstream' test ! -e "$bit"

# ------------------------------------------------------------ pins
pins() { sed -n 's/.*PACKAGE_PIN \([A-Z0-9]*\).*get_ports {\{0,1\}\([a-z0-9_]*\).*/\2 \1/p' $board/pins.xdc; }
twice() { pins | cut -d' ' -f2 | sort | uniq -d; }
check 'no pin twice' [ -z "$(twice)" ]
ports() { sed -n 's/^ *\(input\|output\) *logic *\(\[[0-9]*:0\]\)\{0,1\} *\([a-z0-9_]*\).*/\3/p' $board/wt_as02mc04.sv | sort -u; }
unpinned() { diff <(pins | cut -d' ' -f1 | sort -u) <(ports); }
check 'every port has pins, and there are no others' unpinned
bits() { sed -n 's/^ *\(input\|output\) *logic *\(\[\([0-9]*\):0\]\)\{0,1\} *[a-z].*/\3/p' $board/wt_as02mc04.sv | awk '{n += $1 + 1} END {print n}'; }
check 'and every bit of them' [ "$(pins | wc -l)" -eq "$(bits)" ]
echo "1..$number"
