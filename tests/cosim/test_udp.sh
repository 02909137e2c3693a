#!/bin/bash
# The link `udp`: the host binary on one side of a real socket, the Verilated top of the ECP5 Versa on the other, with
# and without loss of datagrams each way. Prints TAP. WT_UDP_MESSAGES: of the generated market (default 8,000);
# WT_UDP_SESSION: of the session between an exchange, the board and a host (default 6,000), 500 a second. `make udp-session`
# has it at full size.
set -u
B=${B:-build}
wiretick=$B/wiretick
messages=${WT_UDP_MESSAGES:-8000}
session=${WT_UDP_SESSION:-6000}
data=$(dirname "$0")/../../../shared/data/itch/aapl_20200130_premarket_10k
dir=$(mktemp -d)
server=
trap '[ -n "$server" ] && kill "$server" 2>/dev/null; wait; rm -rf "$dir"' EXIT
number=0

result() { # STATUS NAME
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        cat "$dir/out" "$dir/err" "$dir/server" | grep -v '^[0-9]*,' | sed 's/^/#   /' | tail -12
    fi
}
run() { # arguments: into out, err, status
    timeout $((120 + messages / 50)) "$wiretick" "$@" >"$dir/out" 2>"$dir/err"
    status=$?
}
serve() { # arguments: starts the board, waits until it is there
    rm -f "$dir/server"
    "$wiretick" boardserver --port 0 "$@" 2>"$dir/server" &
    server=$!
    for _ in {1..600}; do
        grep -qs ready "$dir/server" && break
        sleep 0.05
    done
    card=$(sed -n 's/.*the card is \(127.0.0.1:[0-9]*\).*/\1/p' "$dir/server")
}
stop() { # the board's process; its status
    kill "$server"
    wait "$server"
    status=$?
    server=
}
stat() { # KEY of the last --stats
    sed -n "s/^ *\"$1\": \\([0-9]*\\),*\$/\\1/p" "$dir/stats"
}
rows() { # waits until some come, a mebibyte at once, or the host is gone
    while kill -0 "$host" 2>/dev/null && [ ! -s "$dir/out" ]; do
        sleep 0.05
    done
}
clean() { [ "$(stat audit_mismatches) $(stat gaps) $(stat shed) $(stat conflated) $(stat stale_symbols)" = "0 0 0 0 0" ]; }
again() { sed -n 's/.*datagrams; \([0-9]*\) asked for again, 0 gone; .*/\1/p' "$dir/err"; }
one_line() { [ $status -eq "$1" ] && [ "$(grep -c 'error:' "$dir/err")" -eq 1 ] && grep -q "$2" "$dir/err"; }

# ------------------------------------------------------------ nothing lost
"$wiretick" generate "$dir/g" --messages "$messages" --symbols 6 --seed 11 2>"$dir/err"
"$wiretick" book "$dir/g" >"$dir/sim" 2>"$dir/err"
if [ -f "$data.itch" ]; then
    serve --feed "$data.itch"
    # A host that is not given the processor for a while: the board's time is not the machine's, it waits.
    "$wiretick" book "$data.itch" --link udp --card "$card" --stats "$dir/stats" >"$dir/out" 2>"$dir/err" &
    host=$!
    sleep 0.6
    kill -STOP $host && sleep 0.6 && kill -CONT $host
    wait $host && cmp -s "$dir/out" "$data.bbo.csv" && clean && [ "0$(again)" -eq 0 ]
    result $? "book: rows equal the reference file's, nothing asked for twice"
    stop
fi
serve
run selftest --link udp --card "$card"
[ $status -eq 0 ] && [ "$(grep -c ' ok ' "$dir/out")" -eq 8 ] && ! grep -q FAILED "$dir/out"
result $? "selftest: registers, reset, memory both ways, rings, counters"
run selftest --link udp --card "$card"
result $status "a second host takes the card over"
# Datagrams that are nobody's: noise on the card's port, and a host of another version.
for junk in x WT 'WT\x02\x01\0\0\x01\0\0\0\0\0\0\0'; do
    printf '%b' "$junk" >"/dev/udp/${card/:/\/}"
done
run selftest --link udp --card "$card"
result $status "datagrams that are not the link's change nothing"
stop
grep -q ' 0 broken frames' "$dir/server" && [ $status -eq 0 ]
result $? "the board's frames keep the rules"

# ------------------------------------------------------------ loss
for seed in 1 2; do
    serve --feed "$dir/g" --lose 10000 --seed "$seed"
    if [ $seed = 1 ]; then
        run selftest --link udp --card "$card"
        result $status "selftest with 1 % of all datagrams lost"
    fi
    run book "$dir/g" --link udp --card "$card" --stats "$dir/stats"
    [ $status -eq 0 ] && [ -s "$dir/sim" ] && cmp -s "$dir/out" "$dir/sim" && clean && [ "$(again)" -gt 10 ]
    result $? "book with 1 % of all datagrams lost, seed $seed: rows equal the sim link's"
    stop
done

# ------------------------------------------------------------ no card
run selftest --link udp --card 127.0.0.1:9
result "$(one_line 1 'no answer for 2 s' >/dev/null; echo $?)" "no card there"
answers() { # BYTES, LINE: what answers with them is no card of ours, and is told of
    rm -f "$dir/port"
    python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], file=open(sys.argv[2], "w"), flush=True)
while True:
    s.sendto(bytes.fromhex(sys.argv[1]), s.recvfrom(2048)[1])' "$1" "$dir/port" &
    server=$!
    for _ in {1..200}; do
        [ -s "$dir/port" ] && break
        sleep 0.05
    done
    run selftest --link udp --card "127.0.0.1:$(cat "$dir/port")"
    kill "$server" && wait "$server"
    server=
    one_line 1 'no answer for 2 s' && [ "$(grep -c 'warning:' "$dir/err")" -eq 1 ] && grep -q "$2" "$dir/err"
}
answers 5754090500000000000000000000000000000000 'version 9 of the link, this program.s of 1.*build both from one tree'
result $? "another version of the link: told with both"
answers 7265706c79 'a datagram of 5 bytes that is not this link.s .*see what else answers'
result $? "something else that answers there"
run selftest --link udp --card 127.0.0.1:99999
result "$(one_line 1 'not an address' >/dev/null; echo $?)" "no address"
run selftest --link udp --dma file:x
result "$(one_line 2 'dma and --no-iommu are for --link pci' >/dev/null; echo $?)" "memory is for another link"
"$wiretick" generate "$dir/long" --messages 200000 --symbols 6 2>"$dir/err"
serve --feed "$dir/long"
: >"$dir/out"
(
    run book "$dir/long" --link udp --card "$card"
    exit $status
) &
host=$!
rows
stop
wait $host
[ $? -eq 1 ] && [ -s "$dir/out" ] && grep -q 'not heard for 5 s' "$dir/err" && [ "$(grep -c 'error:' "$dir/err")" -eq 1 ]
result $? "a card that is gone under way: a stop, and one line"

# ------------------------------------------------------------ a session: exchange, board and host are three processes
base=$((20000 + RANDOM % 20000))
venue=
trap '[ -n "$server$venue" ] && kill $server $venue 2>/dev/null; wait; rm -rf "$dir"' EXIT
cat >"$dir/venue.yaml" <<END
market: {type: file, file: $dir/short, speed: 1, wait_logins: 1, linger_ms: 300}
feed: {a: {address: "127.0.0.1:$base"}, b: {address: "127.0.0.1:$((base + 1))"}, rerequest: "127.0.0.1:0"}
orders: {listen: "127.0.0.1:$((base + 2))", accounts: [{username: WT0001, password: wiretick}]}
glimpse: {listen: "127.0.0.1:0"}
output: {dir: $dir/venue}
END
mkdir "$dir/venue"
# The journal's rows are those of the card's records: so few orders fit in the small card, and none of its symbols is software's.
session() {
    "$wiretick" generate "$dir/short" --messages "$session" --duration $((session / 500)) --seed 11 --symbols 6 \
        --live 2000 || return
    "$wiretick" book "$dir/short" >"$dir/sim" || return
    serve --listen 127.0.0.1:$base --lose 10000
    cat >"$dir/run.yaml" <<END
link: {type: udp, card: "$card"}
exchange: {connect: "127.0.0.1:$((base + 2))", username: WT0001, password: wiretick}
feed: {recovery: none}
risk: {max_order_shares: 1000, max_order_dollars: 250000, max_position: 20000, max_gross_dollars: 50000000,
       collar_bps: 100, max_open_per_symbol: 16, max_open_orders: 128, orders_per_second: 5000, burst: 500,
       max_loss_dollars: 1000000}
strategies:
  - name: market_maker
    params: {size: 100, half_spread_bps: 1, skew_bps: 1, max_position: 500, requote_ticks: 1}
output: {dir: $dir/run, ledger: true, journal: $dir/j}
END
    "$wiretick" exchange "$dir/venue.yaml" >"$dir/venue.out" 2>&1 &
    venue=$!
    for _ in {1..200}; do
        grep -qs glimpse "$dir/venue.out" && break
        sleep 0.05
    done
    timeout $((200 + session / 50)) "$wiretick" run "$dir/run.yaml" || return
    wait "$venue" || return
    venue=
    stop
    "$wiretick" journal "$dir/j" --rows >"$dir/rows"
    [ -s "$dir/rows" ] && cmp "$dir/rows" "$dir/sim"
}
session >"$dir/out" 2>"$dir/err"
result $? "run with 1 % of all datagrams lost: the session's rows are those of the sim link"
scripts/reconcile "$dir/venue" "$dir/run" WT0001 >"$dir/out" 2>"$dir/err"
result $? "its books, orders and positions are those of the exchange"
"$wiretick" replay "$dir/j" --verify >"$dir/out" 2>"$dir/err"
result $? "its journal replays"

echo "1..$number"
