#!/bin/bash
# Two hosts, each a process, at one exchange: one multicast feed, an account each, orders that meet in the same book, some
# of the trades broken later. What each of them says is held against the exchange's books and orders. TAP.
set -u
B=${B:-build}
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$dir"' EXIT
base=$((20000 + RANDOM % 20000))
mkdir -p "$dir/venue" "$dir/1" "$dir/2"
number=0
check() { # NAME COMMAND...
    number=$((number + 1))
    if "${@:2}" >"$dir/out" 2>&1; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        cat "$dir"/*.err "$dir/out" | sed 's/^/#   /' | tail -40
    fi
}
for i in 1 2; do
    cat >"$dir/$i.yaml" <<END
exchange: {connect: "127.0.0.1:$((base + 2))", listen_a: "239.1.1.1:$base", listen_b: "239.1.1.2:$((base + 1))",
           interface: 127.0.0.1, rerequest: "127.0.0.1:$((base + 3))", glimpse: "127.0.0.1:$((base + 4))",
           username: WT000$i, password: wiretick}
risk: {max_order_shares: 1000, max_order_dollars: 250000, max_position: 20000, max_gross_dollars: 50000000,
       collar_bps: 100, max_open_per_symbol: 16, max_open_orders: 128, orders_per_second: 5000, burst: 500,
       max_loss_dollars: 1000000}
strategies:
  - name: market_maker
    params: {size: 100, half_spread_bps: 0, skew_bps: $((3 * i)), max_position: 500, requote_ticks: 1}
output: {dir: $dir/$i, ledger: true}
END
done
"$B/wiretick" exchange sim/exchange/configs/agents.yaml --set feed.a.address=239.1.1.1:$base \
    --set feed.b.address=239.1.1.2:$((base + 1)) --set orders.listen=127.0.0.1:$((base + 2)) \
    --set feed.rerequest=127.0.0.1:$((base + 3)) --set glimpse.listen=127.0.0.1:$((base + 4)) \
    --set market.wait_logins=2 --set market.max_messages=25000 --set market.speed=40 --set market.linger_ms=300 \
    --set faults.break_ppm=100000 --set output.dir="$dir/venue" >"$dir/venue.out" 2>"$dir/venue.err" &
venue=$!
for _ in $(seq 100); do
    grep -q glimpse "$dir/venue.out" && break
    sleep 0.1
done
for i in 1 2; do
    timeout 100 "$B/wiretick" run "$dir/$i.yaml" >"$dir/$i.out" 2>"$dir/$i.err" &
    hosts[i]=$!
done
check 'the first host ends well' wait "${hosts[1]}"
check 'the second host ends well' wait "${hosts[2]}"
check 'the exchange ends well' wait $venue
for i in 1 2; do
    check "books, orders and positions of host $i" scripts/reconcile "$dir/venue" "$dir/$i" WT000$i
done
# Match numbers of executions (not of what was broken) that both were in.
met() {
    local both
    both=$(for i in 1 2; do awk -F, '$11 > 0 { print $13 }' "$dir/$i/orders.csv" | sort -u; done | sort | uniq -d | wc -l)
    echo "$both trades with each other"
    [ "$both" -gt 0 ]
}
check 'they traded with each other' met
check 'and some trades were broken' grep -qE '^faults.* [1-9][0-9]* trades broken' "$dir/venue.out"
echo "1..$number"
