# shellcheck shell=bash disable=SC2034,SC2154  # shares its names with those who source it
# `wiretick exchange` and `wiretick run` as two processes over loopback. Sourced, behind tap.sh.
venue=
at_end() { [ -n "$venue" ] && kill "$venue" 2>/dev/null; }
evidence() { cat "$dir/venue" "$dir/venue.err" "$dir/run" "$dir/run.err" 2>/dev/null | tail -60; }

# Ports somewhere in the middle, so that two runs at once hardly meet: lines A and B, orders, re-requests, snapshots.
base=$((20000 + RANDOM % 20000))
cat >"$dir/run.yaml" <<END
exchange:
  connect: 127.0.0.1:$((base + 2))
  listen_a: 127.0.0.1:$base
  listen_b: 127.0.0.1:$((base + 1))
  username: WT0001
  password: wiretick
risk:
  max_order_shares: 1000
  max_order_dollars: 250000
  max_position: 20000
  max_gross_dollars: 50000000
  collar_bps: 100
  max_open_per_symbol: 4
  max_open_orders: 64
  orders_per_second: 2000
  burst: 200
  max_loss_dollars: 1000000
strategies:
  - name: market_maker
    params: {size: 100, half_spread_bps: 1, skew_bps: 1, max_position: 500, requote_ticks: 1}
output: {dir: $dir/out}
END

begin_venue() { # [--set ...]: returns when it listens
    timeout 90 "$wiretick" exchange sim/exchange/configs/agents.yaml --set feed.a.address=127.0.0.1:$base \
        --set feed.b.address=127.0.0.1:$((base + 1)) --set orders.listen=127.0.0.1:$((base + 2)) \
        --set feed.rerequest=127.0.0.1:$((base + 3)) --set glimpse.listen=127.0.0.1:$((base + 4)) \
        --set market.speed="$([ -n "${SANITIZE:-}" ] && echo 4 || echo 20)" "$@" >"$dir/venue" 2>"$dir/venue.err" &
    venue=$!
    for _ in $(seq 50); do
        grep -q glimpse "$dir/venue" && break
        sleep 0.1
    done
}
run_host() { # [--set ...]: run_status
    timeout 60 "$wiretick" run "$dir/run.yaml" "$@" >"$dir/run" 2>"$dir/run.err"
    run_status=$?
}
end_venue() { # venue_status
    wait "$venue"
    venue_status=$?
    venue=
}
told() { sed -n 's/^feed  *\([0-9]*\) messages.*/\1/p' "$dir/venue"; } # messages that the venue sent
