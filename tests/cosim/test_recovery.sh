#!/bin/bash
# Loss and how it is made good: re-requests, snapshots, joining late. Exact or flagged, and the same in the end.
# WT_SEEDS: how many seeds (20 are the full proof: `make recovery`). Prints TAP.
set -u
# shellcheck source=tests/cosim/tap.sh
. "$(dirname "$0")/tap.sh"
evidence() { tail -8 "$dir/err" "$dir/rows"; }
data=../shared/data/itch
seeds=${WT_SEEDS:-3}
here=$(dirname "$0")

book() {
    timeout 300 "$wiretick" book "$@" --stats "$dir/stats" >"$dir/out" 2>"$dir/err"
    status=$?
}
stat() { sed -n "s/^ *\"$1\": \\([0-9]*\\),*\$/\\1/p" "$dir/stats"; }
clean() { [ "$status $(stat audit_mismatches) $(stat tlp_violations)" = "0 0 0" ]; }
right() { awk -f "$here/rows.awk" "$dir/reference" "$dir/out" >"$dir/rows"; }
share() { tail -1 "$dir/rows" | awk '{ print int($3 * 1000 / $2) }'; } # exact rows, of a thousand

# Nothing is missing.
recovered() {
    : >"$dir/rows"
    cmp -s "$dir/out" "$dir/reference" && clean && [ "$(stat gaps)" -gt 0 ] && [ "$(stat recovered_messages)" -gt 0 ] &&
        [ "$(stat missed_messages) $(stat stale_symbols)" = "0 0" ]
}
# No row is wrong, and all is well in the end, without a single re-request.
rebuilt() { right && clean && [ "$(stat recovered_messages) $(stat stale_symbols)" = "0 0" ]; }

accidents="--loss-a 0.05 --loss-b 0.05 --reorder 0.02 --dup 0.02 --corrupt 0.01"

# Of NAME with packets of MESSAGES: every seed loses something, and recovers it.
everything() { # NAME FILE MESSAGES
    "$wiretick" book "$2" --via soft >"$dir/reference" 2>"$dir/err"
    local seed gaps=0 messages=0 snapshots=0 ok=0
    for ((seed = 1; seed <= seeds; seed++)); do
        # shellcheck disable=SC2086
        book "$2" $accidents --packet-messages "$3" --seed $seed
        : >"$dir/rows"
        if ! recovered; then
            ok=1
            break
        fi
        gaps=$((gaps + $(stat gaps)))
        messages=$((messages + $(stat recovered_messages)))
    done
    result $ok "$1, $seeds seeds of accidents: the lossless rows ($gaps gaps, $messages messages recovered)"
    for ((seed = 1; seed <= seeds; seed++)); do
        # shellcheck disable=SC2086
        book "$2" $accidents --packet-messages "$3" --recovery snapshot --seed $seed
        if ! rebuilt || [ "$(stat snapshots)" -eq 0 ]; then
            ok=1
            break
        fi
        snapshots=$((snapshots + $(stat snapshots)))
    done
    result $ok "$1, $seeds seeds, by snapshots alone: no row wrong, the same in the end ($snapshots snapshots)"
}

# At 0.5 %, of a file long enough that both lines lose the same packet.
most() { # FILE SEEDS
    "$wiretick" book "$1" --via soft >"$dir/reference" 2>"$dir/err"
    local seed gaps=0 ok=0 worst=1000 back=0
    for ((seed = 1; seed <= $2; seed++)); do
        book "$1" --loss-a 0.005 --loss-b 0.005 --packet-messages 1 --recovery snapshot --seed $seed
        if ! rebuilt; then
            ok=1
            break
        fi
        [ "$(share)" -lt "$worst" ] && worst=$(share)
        gaps=$((gaps + $(stat gaps)))
        back=$((back + $(stat returned)))
        [ "$(stat joins_refused)" -eq 0 ] || ok=1
    done
    [ $back -gt 0 ] && [ $ok -eq 0 ] && [ "$worst" -ge 900 ] && [ $gaps -gt 0 ]
    result $? "0.5 % lost on both lines, $2 seeds, by snapshots alone: at least $worst of 1000 rows ($gaps gaps, $back symbols back in the card)"
}

"$wiretick" generate "$dir/g" --messages 30000 --symbols 150 --duration 5 2>"$dir/err"
everything "a market of 150 symbols" "$dir/g" 8
if [ -r $data/aapl_20200130_premarket_10k.itch ]; then
    everything "a real file" $data/aapl_20200130_premarket_10k.itch 4
else
    number=$((number + 1)) && echo "ok $number - a real file # SKIP no $data"
fi

# One message a packet, as fast as the wire goes: gaps are closer together than an answer takes.
"$wiretick" generate "$dir/s" --messages 20000 --symbols 64 --scenario stress 2>"$dir/err"
"$wiretick" book "$dir/s" --via soft >"$dir/reference" 2>"$dir/err"
# shellcheck disable=SC2086
book "$dir/s" $accidents --packet-messages 1 --seed 1
recovered
result $? "a packet a message at line rate: the lossless rows ($(stat gaps) gaps, $(stat recovered_messages) messages recovered)"

if [ "$seeds" -ge 20 ]; then
    "$wiretick" generate "$dir/b" --messages 200000 --symbols 20 2>"$dir/err"
    most "$dir/b" "$seeds"
else
    "$wiretick" generate "$dir/b" --messages 100000 --symbols 20 2>"$dir/err"
    most "$dir/b" 1
fi

# ------------------------------------------------------------ joining late
"$wiretick" book "$dir/g" --via soft >"$dir/reference" 2>"$dir/err"
for at in 5000 20000 29999; do
    book "$dir/g" --start-at $at --recovery snapshot
    right && clean && [ "$(stat stale_symbols)" -eq 0 ] && [ "$(stat snapshots)" -eq 1 ]
    result $? "joining at message $at: right from the snapshot on"
done
book "$dir/g" --start-at 20000 --recovery none
right
[ ! -s "$dir/out" ] && clean && [ "$(stat stale_symbols)" -eq "$(stat symbols)" ]
result $? "joining late with nobody to ask: no rows"
grep -E '^[0-9]*,[0-9]*,(BOLT|QADX|IRIS),' "$dir/reference" >"$dir/three" && mv "$dir/three" "$dir/reference"
book "$dir/g" --symbols BOLT,QADX,IRIS --start-at 10000 --recovery snapshot --packet-messages 10
awk -f "$here/rows.awk" "$dir/reference" "$dir/out" >"$dir/rows"
right=$?
clean && [ $right -eq 0 ] && [ "$(stat stale_symbols)" -eq 0 ]
result $? "joining late by name: no row is wrong, the same in the end"

# ------------------------------------------------------------ symbols that make no sense
for seed in 1 2 3; do
    "$wiretick" generate "$dir/d" --messages 20000 --symbols $((seed * 20)) --scenario stress --seed $seed \
        --damage 0.0005 2>"$dir/err"
    "$wiretick" book "$dir/d" --via soft >"$dir/reference" 2>"$dir/err"
    # shellcheck disable=SC2086
    book "$dir/d" $accidents --packet-messages 8 --recovery snapshot --seed $seed
    awk -f "$here/rows.awk" "$dir/reference" "$dir/out" >"$dir/rows"
    ! grep -Eq "wrong|order" "$dir/rows" && clean && [ "$(stat snapshots)" -gt 0 ]
    result $? "a broken market with losses, seed $seed: no row is wrong"
done

echo "1..$number"
