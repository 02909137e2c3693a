#!/bin/bash
# The disk of the journal stands still in the middle of a session on the network, and goes on: new orders stop with an
# alert and begin again, the session ends in good order, and its journal is whole. Once for a moment, once for longer
# than the journal's file lasts: then the host stands, too, and loses nothing but what the sockets cannot hold. TAP.
set -u
. tests/cosim/tap.sh
. tests/cosim/two.sh
if [ -n "${SANITIZE:-}" ]; then
    skipped 'a disk that stands still' 'the sanitizers want to be loaded first'
    echo "1..$number"
    exit
fi
${CC:-gcc} -shared -fPIC -O1 -D_GNU_SOURCE tests/cosim/slow_disk.c -o "$dir/slow_disk.so" -ldl || exit 1
begin_venue --set market.wait_logins=1 --set market.max_messages=140000 --set market.linger_ms=300
WT_SLOW_DISK=$dir/stand LD_PRELOAD=$dir/slow_disk.so timeout 100 "$wiretick" run "$dir/run.yaml" \
    --set output.journal="$dir/j" --set output.journal_mb=4 >"$dir/run" 2>"$dir/run.err" &
host=$!
for _ in $(seq 200); do # until it trades
    grep -q ,sent, "$dir/out/orders.csv" 2>/dev/null && break
    sleep 0.05
done
touch "$dir/stand"
said() { # TEXT: until the host has said it
    for _ in $(seq 1200); do
        grep -q "$1" "$dir/run.err" && break
        sleep 0.01
    done
}
said 'too slow' # then at once: before the file is full to its end
rm "$dir/stand"
said 'caught up'
touch "$dir/stand"
said 'stands still'
sleep 2
rm "$dir/stand"
wait $host
run_status=$?
end_venue
csv=$dir/out/orders.csv
check 'both end in good order' [ $run_status$venue_status = 00 ]
check 'the host said that the disk is too slow' grep -q 'journal cannot be written: the disk is too slow; no new orders' "$dir/run.err"
check 'and each time when it had caught up' \
    [ "$(grep -c 'the disk has caught up with the journal: trading goes on' "$dir/run.err")" -ge 2 ]
check 'the second time until its file was full, for 2 s' grep -q 'file is full and the disk stands still' "$dir/run.err"
check 'an alert for each time' \
    [ "$(grep -c ',alert,.*,journal$' "$csv")" = "$(grep -c 'the disk is too slow' "$dir/run.err")" ]
# From the alert on nothing new is sent for half a second at least, cancels are; then orders go again.
held=$(awk -F, '$2 == "alert" && $15 == "journal" && !at {at = $1; next}
    at && ($2 == "sent" || $2 == "replace_sent") {print $1 - at; exit}' "$csv")
check "orders stop for a while, and go again: ${held:-never} ns later" [ "${held:-0}" -ge 500000000 ]
refused=$(grep -c ',refused,.*,kill$' "$csv")
check "what strategies wanted meanwhile was refused: $refused signals" [ "$refused" -gt 0 ]
# shellcheck disable=SC2016
check 'nothing is left open' awk -F, 'NR > 1 && $5 {s[$5] = $7} END {for (i in s) if (s[i] !~ /FILLED$|CANCELED|EXPIRED|REJECTED|REPLACED/ || s[i] == "PARTIALLY_FILLED") exit 1}' "$csv"
"$wiretick" replay "$dir/j" --verify >"$dir/replay" 2>&1
check 'the journal is whole, and replays' grep -q 'no difference' "$dir/replay"
check 'in files that are full and rotate' [ "$(find "$dir/j" -name '*.wtj' | wc -l)" -ge 3 ]
# What is acknowledged is in the journal: every request that the venue took is in it.
"$wiretick" journal "$dir/j" --type send --csv >"$dir/sent" 2>"$dir/err"
taken=$(sed -n 's|^orders *\([0-9]*\), .*|\1|p' "$dir/venue")
check "every request that the venue took: ${taken:-none}" \
    [ "$(grep -cE 'enter order|replace order' "$dir/sent")" = "${taken:-none}" ]
echo "1..$number"
