#!/bin/bash
# `wiretick book` and `wiretick generate` as a user types them: through the Verilated card against
# the software book, real files, accidents on the wire, bad input. Prints TAP.
set -u
# shellcheck source=tests/cosim/tap.sh
. "$(dirname "$0")/tap.sh"
evidence() { tail -5 "$dir/err"; }
data=../shared/data

run() { # arguments: runs into out, err, status
    timeout 120 "$wiretick" "$@" >"$dir/out" 2>"$dir/err"
    status=$?
}
stat() { # KEY of the last --stats
    sed -n "s/^ *\"$1\": \\([0-9]*\\),*\$/\\1/p" "$dir/stats"
}
clean() { [ "$(stat audit_mismatches) $(stat tlp_violations)" = "0 0" ]; }

# ------------------------------------------------------------ real files
real() { # NAME HW_ROWS SW_ROWS
    local itch=$data/itch/$1.itch csv=$data/itch/$1.bbo.csv
    if [ ! -r "$itch" ]; then
        skipped "$1 in software" "no $data"
        skipped "$1 through the card" "no $data"
        return
    fi
    run book "$itch" --via soft
    check "$1 in software" cmp -s "$dir/out" "$csv"
    run book "$itch" --stats "$dir/stats"
    cmp -s "$dir/out" "$csv" && [ $status -eq 0 ] && clean && [ "$(stat hw_rows) $(stat sw_rows)" = "$2 $3" ]
    result $? "$1 through the card: $2 rows of hardware, $3 of software"
}
real aapl_20200130_premarket_10k 2792 0
real multi_20191230_0400_500 101 206

if [ -r $data/pcap/totalview_multiple_packets.pcap ]; then
    run book $data/pcap/totalview_multiple_packets.pcap --via soft --assume-empty
    cp "$dir/out" "$dir/soft"
    run book $data/pcap/totalview_multiple_packets.pcap --assume-empty --stats "$dir/stats"
    cmp -s "$dir/out" "$dir/soft" && [ $status -eq 0 ] && [ "$(stat messages)" -ge 39 ] && clean
    result $? "a real capture"
else
    skipped "a real capture" "no $data"
fi

# ------------------------------------------------------------ generated markets
for seed in 1 2 3; do
    "$wiretick" generate "$dir/g" --messages 100000 --symbols 64 --scenario stress --seed $seed 2>"$dir/err"
    run book "$dir/g" --via soft
    cp "$dir/out" "$dir/soft"
    run book "$dir/g" --stats "$dir/stats"
    cmp -s "$dir/out" "$dir/soft" && [ $status -eq 0 ] && clean && [ -s "$dir/soft" ] &&
        [ $(($(stat sw_rows) * 100)) -le "$(wc -l <"$dir/soft")" ]
    result $? "a stressed market of 64 symbols, seed $seed"
done

"$wiretick" generate "$dir/g" --messages 30000 --symbols 150 --duration 5 2>"$dir/err"
run book "$dir/g" --via soft
cp "$dir/out" "$dir/soft"
run book "$dir/g" --stats "$dir/stats"
cmp -s "$dir/out" "$dir/soft" && [ $status -eq 0 ] && clean && [ "$(stat sw_rows)" -gt 100 ]
result $? "more symbols than the card has slots"
cp "$dir/stats" "$dir/stats1"

run book "$dir/g" --stats "$dir/stats"
cmp -s "$dir/out" "$dir/soft" && diff <(grep -v seconds "$dir/stats") <(grep -v seconds "$dir/stats1") >/dev/null
result $? "the same again: the same rows and statistics"

run book - --stats "$dir/stats" <"$dir/g"
check "from stdin" cmp -s "$dir/out" "$dir/soft"

run book "$dir/g" --wire-rate paced --stats "$dir/stats"
cmp -s "$dir/out" "$dir/soft" && clean
result $? "paced by the timestamps"

grep -E '^[0-9]*,[0-9]*,(BOLT|QADX|IRIS),' "$dir/soft" >"$dir/three"
run book "$dir/g" --symbols BOLT,QADX,IRIS,NONE --stats "$dir/stats"
cmp -s "$dir/out" "$dir/three" && [ -s "$dir/three" ] && clean && [ "$(stat sw_rows)" -eq 0 ] && [ "$(stat symbols)" -eq 3 ]
result $? "some symbols by name, in hardware"
run book "$dir/g" --symbols BOLT,QADX,IRIS --via soft
check "some symbols by name, in software" cmp -s "$dir/out" "$dir/three"
names=$(cut -d, -f3 "$dir/soft" | sort -u | head -100 | paste -sd,)
run book "$dir/g" --symbols "$names" --via soft
cp "$dir/out" "$dir/hundred"
run book "$dir/g" --symbols "$names" --stats "$dir/stats"
cmp -s "$dir/out" "$dir/hundred" && [ -s "$dir/hundred" ] && clean
result $? "more names than the card has slots"

# More orders than the card's table: symbols are handed over, and the software's rows continue theirs.
"$wiretick" generate "$dir/o" --messages 250000 --symbols 8 --live 150000 2>"$dir/err"
run book "$dir/o" --via soft
cp "$dir/out" "$dir/soft_o"
run book "$dir/o" --stats "$dir/stats"
cmp -s "$dir/out" "$dir/soft_o" && [ $status -eq 0 ] && clean && [ "$(stat overflow)" -gt 0 ] &&
    [ "$(stat hw_rows)" -gt 1000 ] && [ "$(stat sw_rows)" -gt 1000 ] && [ "$(stat stale_symbols)" -eq 0 ]
result $? "more orders than the card holds: handed over, not a row lost"

# ------------------------------------------------------------ messages that make no sense
for seed in 1 2 3 4 5 6; do
    "$wiretick" generate "$dir/d" --messages 20000 --symbols $((seed * 12)) --scenario stress --seed $seed \
        --damage 0.002 2>"$dir/err"
    run book "$dir/d" --via soft --stats "$dir/stats"
    cp "$dir/out" "$dir/soft_d"
    counted=$(stat senseless)/$(stat bad_length)/$(stat unknown_ref)/$(stat stale_symbols)
    run book "$dir/d" --stats "$dir/stats"
    cmp -s "$dir/out" "$dir/soft_d" && [ $status -eq 0 ] && clean && [ "$(stat bad_length)" -gt 0 ] && [ -s "$dir/out" ] &&
        [ "$counted" = "$(stat senseless)/$(stat bad_length)/$(stat unknown_ref)/$(stat stale_symbols)" ]
    result $? "a broken market of $((seed * 12)) symbols: card and software flag the same"
    names=$(cut -d, -f3 "$dir/soft_d" | sort -u | head -n 9 | paste -sd,)
    run book "$dir/d" --symbols "$names" --via soft
    cp "$dir/out" "$dir/soft_d"
    run book "$dir/d" --symbols "$names" --stats "$dir/stats"
    cmp -s "$dir/out" "$dir/soft_d" && [ $status -eq 0 ] && clean && [ -s "$dir/out" ]
    result $? "the same by name: $names"
done

# ------------------------------------------------------------ accidents on the wire: exact or flagged
same() { cmp -s "$dir/out" "$dir/soft" && [ $status -eq 0 ] && clean && [ "$(stat gaps) $(stat stale_symbols)" = "0 0" ]; }
run book "$dir/g" --dup 0.3 --stats "$dir/stats"
same && [ "$(stat duplicates)" -gt 1000 ] && [ "$(stat late_b)" -gt 1000 ]
result $? "duplicated packets change nothing"
for accident in "--loss-a 0.05" "--loss-b 0.05" "--loss-a 0.5" "--loss-a 1" "--loss-b 1" "--reorder 0.1" \
    "--loss-a 0.1 --skew-b 20000" "--loss-b 0.1 --reorder 0.05 --skew-b 2000"; do
    # shellcheck disable=SC2086
    run book "$dir/g" $accident --seed 3 --stats "$dir/stats"
    check "the other line makes good for $accident" same
done
for accident in "--loss-a 0.1 --loss-b 0.1" "--corrupt 0.1" "--loss-a 0.1 --loss-b 0.1 --dup 0.1 --reorder 0.01 --corrupt 0.01"; do
    # shellcheck disable=SC2086
    run book "$dir/g" $accident --recovery none --seed 3 --stats "$dir/stats"
    [ $status -eq 0 ] && clean && [ "$(stat gaps)" -gt 0 ] && [ "$(stat stale_symbols)" -eq "$(stat symbols)" ] &&
        [ -s "$dir/out" ] && head -n "$(wc -l <"$dir/out")" "$dir/soft" | cmp -s - "$dir/out"
    result $? "after $accident no row is wrong"
done
# The last packet is lost: the end of the session tells.
head -c 40000 "$dir/g" >"$dir/short" 2>/dev/null
run book "$dir/g" --loss-a 1 --loss-b 1 --recovery none --stats "$dir/stats"
[ $status -eq 0 ] && [ ! -s "$dir/out" ] && [ "$(stat gaps)" -eq 1 ] && [ "$(stat missed_messages)" -eq 30000 ]
result $? "everything lost: one gap and no rows"

# What both lines lost is asked for again: not a row is missing.
recovered() { cmp -s "$dir/out" "$dir/soft" && [ $status -eq 0 ] && clean &&
    [ "$(stat missed_messages) $(stat stale_symbols)" = "0 0" ] &&
    [ "$(stat gaps)" -gt 0 ] && [ "$(stat recovered_messages)" -gt 0 ]; }
for seed in 1 2 3 4; do
    run book "$dir/g" --loss-a 0.05 --loss-b 0.05 --reorder 0.02 --dup 0.02 --corrupt 0.01 --seed $seed --stats "$dir/stats"
    check "accidents on both lines, all recovered, seed $seed" recovered
done
run book "$dir/g" --loss-a 0.3 --loss-b 0.3 --corrupt 0.1 --skew-b 5000 --stats "$dir/stats"
check "many accidents, all recovered" recovered
run book "$dir/g" --loss-a 1 --loss-b 1 --stats "$dir/stats"
check "everything lost, everything recovered" recovered

# ------------------------------------------------------------ bad input
one_line() { [ $status -eq "$1" ] && [ "$(grep -c 'error:' "$dir/err")" -eq 1 ] && grep -q "$2" "$dir/err"; }
run book "$dir/missing"
check "a missing file" one_line 1 "missing: cannot open"
: >"$dir/empty"
run book "$dir/empty"
check "an empty file" one_line 1 "is empty"
for via in card soft; do
    run book "$dir/short" --via $via
    one_line 1 "cut at byte 399" && head -n "$(wc -l <"$dir/out")" "$dir/soft" | cmp -s - "$dir/out" && [ -s "$dir/out" ]
    result $? "a cut file, via $via: its rows, then one line"
done
printf '\000\003zYX\000\000' >"$dir/odd"
run book "$dir/odd" --stats "$dir/stats"
[ $status -eq 0 ] && [ "$(stat unknown_type)" -eq 1 ] && [ ! -s "$dir/out" ]
result $? "an unknown message is counted"
run book "$dir/g" --via nothing
check "a bad option" one_line 2 "expected card or soft"
for order in "--via soft --start-at 100" "--start-at 0 --via soft"; do
    # shellcheck disable=SC2086
    run book "$dir/g" $order
    one_line 2 "start-at is not for --via soft" && [ ! -s "$dir/out" ]
    result $? "nobody joins late with the software book alone: $order"
done
run book
check "no file" one_line 2 "no FILE"
run book "$dir/g" --loss-a 1.5
check "a bad share" one_line 2 "from 0 to 1"
run generate "$dir/x" --messages 10
[ $status -eq 1 ] && [ ! -e "$dir/x" ]
result $? "too few messages leave no file"
run book --help
[ $status -eq 0 ] && grep -q 'usage: wiretick book' "$dir/out"
result $? "help"

"$wiretick" book "$dir/g" --via soft 2>"$dir/err" | head -1 >"$dir/out"
[ "${PIPESTATUS[0]}" -eq 0 ] && ! grep -q error "$dir/err"
result $? "a reader that leaves is no error"

"$wiretick" generate "$dir/long" --messages 3000000 2>"$dir/err"
"$wiretick" book "$dir/long" >"$dir/out" 2>"$dir/err" &
pid=$!
sleep 0.5
kill -INT $pid
wait $pid
status=$?
[ $status -eq 1 ] && grep -q stopped "$dir/err" && [ "$(tail -c 1 "$dir/out" | od -An -c | tr -d ' ')" = '\n' ]
result $? "interrupted: whole rows and statistics"

echo "1..$number"
