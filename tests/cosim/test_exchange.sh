#!/bin/bash
# `wiretick exchange` and `wiretick run` as two processes over loopback: a whole session, reconciled to the message
# and the share; the same with line A dead; and errors of a configuration. TAP.
set -u
# shellcheck source=tests/cosim/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/cosim/two.sh
. "$(dirname "$0")/two.sh"

session() { # [--set ...] for the venue
    begin_venue --set market.wait_logins=1 --set market.seconds=60 "$@"
    # shellcheck disable=SC2119  # the arguments here are the venue's
    run_host
    end_venue
}
venue_number() { # LINE WORD: the number before the word
    sed -n "s/^$1 .*[^0-9]\([0-9][0-9]*\) $2.*/\1/p" "$dir/venue" | head -1
}
run_line() { # LABEL: the first number behind it
    sed -n "s/^ *$1  *\([0-9]*\).*/\1/p" "$dir/run" | head -1
}
same_story() {
    local messages entered fills
    # Every order was accepted or rejected; every message and every executed share is known to both.
    messages=$(told)
    entered=$(($(venue_number orders accepted) + $(venue_number orders rejected)))
    fills=$(venue_number shares executed)
    [ "$messages" -gt 3000 ] && [ "$(run_line messages)" -eq "$messages" ] &&
        [ "$(run_line orders)" -eq "$entered" ] && [ "$entered" -gt 0 ] &&
        [ "$(sed -n 's/^ *fills .* of \([0-9]*\) shares.*/\1/p' "$dir/run")" -eq "$fills" ]
}
no_mismatch() {
    grep -q 'audit mismatches   0 of [1-9]' "$dir/run" && [ "$(run_line 'TLP violations')" -eq 0 ]
}

session
check "two processes end well" test "$run_status$venue_status" = 00
check "both tell of the same messages, orders and shares" same_story
check "card and software agree on every message" no_mismatch

session --set feed.a.loss_ppm=1000000 --set market.seconds=30
check "two processes end well with line A dead" test "$run_status$venue_status" = 00
check "line B alone tells the same story" same_story
check "and the books are exact" no_mismatch

# Nothing comes of the feed, not even its end: the host ends behind the venue all the same.
begin_venue --set market.wait_logins=1 --set feed.a.loss_ppm=1000000 --set feed.b.loss_ppm=1000000 --set market.seconds=10
run_host --set exchange.silence_ms=2000
end_venue
lost_end() { [ "$run_status$venue_status" = 00 ] && grep -q 'the end of the feed never came' "$dir/run.err"; }
check "a feed that never ends does not hold the host" lost_end

# The first address of the venue is gone; and gone again each time a connection breaks.
sed -i "s/connect: 127.0.0.1:$((base + 2))/connect: 127.0.0.1:$((base + 9))\n  connect_b: 127.0.0.1:$((base + 2))/" "$dir/run.yaml"
session --set market.seconds=30 --set faults.disconnect_ppm=40000 # of the few packets of a busy machine too
check "two processes end well with one address of the venue dead and breaks" test "$run_status$venue_status" = 00
# An order that a break swallowed never arrived; nothing that did is told otherwise.
same_shares() {
    local fills
    fills=$(venue_number shares executed)
    [ "$fills" -gt 0 ] && [ "$(run_line messages)" -eq "$(told)" ] &&
        [ "$(sed -n 's/^ *fills .* of \([0-9]*\) shares.*/\1/p' "$dir/run")" -eq "$fills" ]
}
check "through the other one: the same messages and shares" same_shares
check "and it was tried more than once" [ "$(sed -n 's/.*connections, \([0-9]*\) logins.*/\1/p' "$dir/venue")" -gt 1 ]

printf 'market: {type: file, sped: 1}\nfeed:\n  a: {address: "1.2.3:4"}\norders: {accounts: []}\n' >"$dir/bad.yaml"
"$wiretick" exchange "$dir/bad.yaml" >"$dir/venue" 2>"$dir/venue.err"
check "a bad configuration exits 1" test $? -eq 1
named() {
    grep -q 'bad.yaml:1: unknown key market.sped' "$dir/venue.err" &&
        grep -q 'bad.yaml:1: market.file is missing' "$dir/venue.err" &&
        grep -q "bad.yaml:3: feed.a.address: '1.2.3:4'" "$dir/venue.err" &&
        grep -q 'bad.yaml:4: orders.accounts has 0 entries' "$dir/venue.err"
}
check "every error with its line" named
echo "1..$number"
