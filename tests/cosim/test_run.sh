#!/bin/bash
# `wiretick run` and `wiretick check` as a user types them: the whole system on generated and real
# markets, host and exchange reconciled to the share, the same seed twice, bad input. Prints TAP.
# shellcheck disable=SC2016  # awk programs
set -u
# shellcheck source=tests/cosim/tap.sh
. "$(dirname "$0")/tap.sh"
evidence() { tail -5 "$dir/err"; }
config=host/strategy/configs/default.yaml
data=../shared/data/itch

go() { # FOLDER MARKET [--set ...]
    local out=$1 market=$2
    shift 2
    timeout 120 "$wiretick" run $config --set output.dir="$dir/$out" --set output.journal="$dir/$out/journal" \
        --set exchange.file="$market" "$@" \
        >"$dir/out" 2>"$dir/err"
    status=$?
    json=$dir/$out/summary.json
    csv=$dir/$out/orders.csv
}
top() { sed -n "s/^  \"$1\": \\([-0-9]*\\),*\$/\\1/p" "$json"; } # KEY at the top of the last summary
money() { sed -n "s/^  \"$1\": \"\(-*[0-9]*\)\.\([0-9]*\)\",*\$/\1\2/p" "$json"; } # 1/10000 dollar
sub() { # SECTION KEY
    sed -n "/^  \"$1\": {/,/^  }/s/^    \"$2\": \\([-0-9]*\\),*\$/\\1/p" "$json"
}
sound() { [ $status -eq 0 ] && [ "$(top audit_mismatches) $(top tlp_violations) $(top alerts)" = "0 0 0" ]; }
reconciled() {
    [ "$(sub oms fills)" = "$(sub exchange executed)" ] &&
        [ "$(sub oms filled_shares)" = "$(sub exchange executed_shares)" ] &&
        [ "$(sub oms accepted)" = "$(sub exchange accepted)" ] &&
        [ "$(sub oms replaced)" = "$(sub exchange replaced)" ] &&
        [ $(($(sub oms canceled) + $(sub oms expired))) = "$(sub exchange canceled)" ] &&
        [ "$(sub oms rejected)" = "$(sub exchange rejected)" ] &&
        [ $(($(sub oms enters) + $(sub oms replaces))) = "$(sub exchange orders)" ] &&
        [ "$(sub exchange open_shares)" = 0 ] && [ "$(sub oms illegal)$(sub oms unknown)$(sub oms duplicates)" = 000 ]
}
# Shares filled, and the cash of all fills in 1/10000 dollar, from orders.csv alone.
csv_shares() { awk -F, 'NR > 1 {n += $11} END {printf "%d", n}' "$csv"; }
csv_cash() { awk -F, 'NR > 1 && $11 {n += ($4 == "B" ? -1 : 1) * $11 * $12} END {printf "%d", n}' "$csv"; }
# The same from the positions: cash = profit - shares * mark, summed over symbols.
position_cash() {
    awk '/^  "positions"/ {on = 1} /^  }/ {on = 0} !on {next}
        function money(t) {gsub(/[",.]/, "", t); return t + 0}
        /mark_dollars/ {mark = money($2)} / "realized_dollars/ {profit += money($2)}
        /"unrealized_dollars/ {profit += money($2)} /"shares"/ {profit -= money($2) * mark}
        END {printf "%d", profit}' "$json"
}

# ------------------------------------------------------------ a generated market
timeout 60 "$wiretick" generate "$dir/market.itch" --messages 60000 --seed 5 --duration 30 2>"$dir/err"
go a "$dir/market.itch"
check "the default configuration runs" [ $status -eq 0 ]
check "audit mismatches 0, TLP violations 0, alerts 0" sound
check "all messages arrived" [ "$(top messages)" = 60000 ]
check "there are orders, replaces and fills" [ "$(top orders)" -gt 20 -a "$(top replaces)" -gt 100 -a "$(top fills)" -gt 20 ]
check "host and exchange agree on every count, to the share" reconciled
check "orders.csv holds every share" [ "$(csv_shares)" = "$(top filled_shares)" ]
check "cash of the fills equals the positions' money to 1/10000 dollar" [ "$(csv_cash)" = "$(position_cash)" ]
check "no order is left open" awk -F, 'NR > 1 && $5 {s[$5] = $7} END {for (i in s) if (s[i] !~ /FILLED$|CANCELED|EXPIRED|REJECTED|REPLACED/ || s[i] == "PARTIALLY_FILLED") exit 1}' "$csv"
check "order numbers rise strictly" awk -F, '$2 == "sent" {if ($5 <= last) exit 1; last = $5}' "$csv"
check "virtual time never goes back in orders.csv" awk -F, 'NR > 1 {if ($1 < last) exit 1; last = $1}' "$csv"
check "the summary table shows what counts" grep -q 'audit mismatches *0 of' "$dir/out"
check "the report is one page with plots and nothing from elsewhere" \
    sh -c "grep -q '<svg' '$dir/a/report.html' && ! grep -qE 'https?://|src=|<link|@import' '$dir/a/report.html'"
check "tick to trade is at least wire, PCIe and callback" [ "$(sub tick_to_trade_ns min)" -ge 1400 ]

go b "$dir/market.itch"
check "the same seed twice: summary.json identical" cmp -s "$dir/a/summary.json" "$dir/b/summary.json"
check "the same seed twice: orders.csv identical" cmp -s "$dir/a/orders.csv" "$dir/b/orders.csv"
go c "$dir/market.itch" --set run.seed=2
check "another seed: other times, and still sound" sh -c "! cmp -s '$dir/a/orders.csv' '$dir/c/orders.csv'"
check "another seed reconciles" reconciled
go d "$dir/market.itch" --set run.max_messages=10000
check "max_messages ends the market early" [ "$(top messages)" = 10000 ]
check "an early end leaves nothing open" reconciled

# ------------------------------------------------------------ limits, in the whole system
go e "$dir/market.itch" --set risk.max_position=100 --set strategy.params.max_position=1000
check "a position limit refuses, and positions stay within it" \
    sh -c "[ $(sub risk checked) -gt $(sub risk accepted) ] && awk -F, 'NR > 1 && \$11 {p[\$3] += (\$4 == \"B\" ? 1 : -1) * \$11; if (p[\$3] > 100 || p[\$3] < -100) exit 1}' '$csv'"
check "it still reconciles" reconciled
go f "$dir/market.itch" --set risk.max_loss_dollars=1 --set strategy.params.half_spread_bps=0 --set strategy.params.size=300
check "the maximum loss falls once, and the exits stay open" [ "$(grep -c ',alert,.*,kill$' "$csv")" = 1 ]
check "after it, nothing is sent that would make a position larger" awk -F, '$2 == "alert" {on = NR}
    NR > 1 && $11 {p[$3] += ($4 == "B" ? 1 : -1) * $11}
    on && NR > on && $2 == "sent" && p[$3] * ($4 == "B" ? 1 : -1) >= 0 {exit 1}' "$csv"
go g "$dir/market.itch" --set risk.orders_per_second=10 --set risk.burst=1
check "the order rate refuses" [ "$(sed -n '/"refused": {/,/}/s/^ *"rate": \([0-9]*\),*$/\1/p' "$json")" -gt 0 ]
check "all of that without an alert" [ "$(top alerts)" = 0 ]

# ------------------------------------------------------------ accounts, strategies, fees and the operator
two="[{name: market_maker, account: a, symbols: [ACME, DYNE, GLYF]}, {name: market_maker, account: b, symbols: [DYNE, FLUX]}]"
go aa "$dir/market.itch" --set 'accounts=[{name: a, limits: {max_long: 100}}, {name: b}]' --set "strategies=$two" \
    --set 'fees=[{flag: A, rebate_millionths: 2000}, {flag: R, fee_millionths: 3000}]'
check "two strategies in two accounts run, and reconcile" eval 'sound && reconciled'
check "an account's limit refuses" [ "$(sed -n '/"refused": {/,/}/s/^ *"long": \([0-9]*\),*$/\1/p' "$json")" -gt 0 ]
check "there are fees" [ "$(money fees_dollars)" -ne 0 ]
check "and they are taken off the profit" \
    [ "$(money profit_dollars)" = $(($(money realized_dollars) + $(money unrealized_dollars) - $(money fees_dollars))) ]
check "it replays" sh -c "'$wiretick' replay '$dir/aa/journal' --verify >'$dir/out' 2>'$dir/err'"
go ab "$dir/market.itch" --set safety.heartbeat_ms=5000
check "an operator that is never heard kills after five seconds" \
    eval '[ $status -eq 0 ] && [ "$(awk -F, '"'"'$2 == "alert" {print $15, int(($1 - 34200000000000) / 1e9); exit}'"'"' "$csv")" = "kill 4" ]'
check "and nothing is sent after it" awk -F, '$2 == "alert" {on = 1} on && $2 == "sent" {exit 1} END {exit !on}' "$csv"
for word in "kill" "flatten account a" "reduce_only strategy 1"; do
    mkfifo "$dir/control"
    timeout 100 sh -c 'printf "nonsense\\nheartbeat\\n%s\\n" "$1" >"$2"' sh "$word" "$dir/control" &
    go ac "$dir/market.itch" --set 'accounts=[{name: a}, {name: b}]' --set "strategies=$two" --set host.control="$dir/control"
    wait
    check "the operator says $word, and it holds" eval '[ $status -eq 0 ] && grep -qE "refused,.*,(kill|reduce_only)$" "$csv"'
    check "what was nonsense is told" grep -q "'nonsense' is not understood" "$dir/err"
    check "it replays to the byte" sh -c "'$wiretick' replay '$dir/ac/journal' --verify >'$dir/out' 2>'$dir/err'"
done

# ------------------------------------------------------------ more symbols than the card has, all kinds of prices
timeout 60 "$wiretick" generate "$dir/stress.itch" --messages 40000 --seed 9 --symbols 100 --scenario stress --duration 10 2>"$dir/err"
go h "$dir/stress.itch"
check "a stressed market of 100 symbols runs" sound
check "software answers for what the card does not hold" [ "$(top bbo_events_sw)" -gt 0 -a "$(top bbo_events_hw)" -gt 0 ]
check "it reconciles" reconciled
go i "$dir/market.itch" --set 'feed.symbols=[ACME, BOLT]'
check "a symbol list keeps to it" sh -c "[ $status -eq 0 ] && [ -z \"\$(cut -d, -f3 '$csv' | sed 1d | grep -vE '^(ACME|BOLT)?$')\" ]"
check "with a symbol list, too, the books agree" sound

# ------------------------------------------------------------ real files
if [ -r $data/aapl_20200130_premarket_10k.itch ]; then
    go j $data/aapl_20200130_premarket_10k.itch
    check "a real file of AAPL runs" sound
    check "it reconciles" reconciled
    go k $data/multi_20191230_0400_500.itch
    check "a real file of 198 symbols runs" sound
else
    skipped "a real file of AAPL runs" "no $data"
fi

# ------------------------------------------------------------ the end by hand
timeout 60 "$wiretick" generate "$dir/long.itch" --messages 600000 --seed 3 2>"$dir/err"
"$wiretick" run $config --set output.dir="$dir/l" --set exchange.file="$dir/long.itch" >"$dir/out" 2>"$dir/err" &
pid=$!
sleep 2
kill -INT $pid 2>/dev/null
wait $pid
status=$?
json=$dir/l/summary.json
check "Ctrl-C ends in good order" [ $status -eq 0 ]
check "and leaves nothing open" reconciled
check "before the market's end" [ "$(top messages)" -lt 600000 ]

# ------------------------------------------------------------ bad input
bad() { # NAME STATUS PATTERN ARGUMENTS...: fails with the status, and says so in lines that all match
    local name=$1 want=$2 pattern=$3
    shift 3
    timeout 60 "$wiretick" "$@" >"$dir/out" 2>"$dir/err"
    [ $? -eq "$want" ] && grep -qE "$pattern" "$dir/err"
    result $? "$name"
}
bad "a missing market: one clear line" 1 'default.yaml|--set exchange.file=/no/such.*wiretick generate' run $config --set exchange.file=/no/such
check "one line only" [ "$(wc -l <"$dir/err")" = 1 ]
: >"$dir/empty"
bad "an empty market" 1 'is empty' run $config --set exchange.file="$dir/empty"
head -c 1001 "$dir/market.itch" >"$dir/cut"
timeout 60 "$wiretick" run $config --set exchange.file="$dir/cut" --set output.dir="$dir/m" >"$dir/out" 2>"$dir/err"
check "a cut market ends with a message, not in a hang" [ $? -le 1 -a -s "$dir/err" ]
bad "a missing configuration" 1 'No such file' run "$dir/none.yaml"
bad "a missing card" 1 'link.model.*No such file' run $config --set exchange.file="$dir/market.itch" --set link.model=/no/card.so
bad "no configuration" 2 'no configuration' run
bad "an unknown option" 2 "unknown option '--fast'" run $config --fast
bad "a folder that cannot be made" 1 'output.dir' run $config --set exchange.file="$dir/market.itch" --set output.dir=/proc/none
"$wiretick" check $config --set exchange.file="$dir/market.itch" >"$dir/out" 2>"$dir/err"
check "check says ok" grep -qx "$config: ok" "$dir/out"
sed -e 's/collar_bps: 100/collar_bps: wide/' -e 's/burst:/brust:/' $config >"$dir/bad.yaml"
bad "check names file, line, key, value and what is right" 1 "bad.yaml:[0-9]+: risk.collar_bps: 'wide'.*0 to 10000" \
    check "$dir/bad.yaml" --set exchange.file="$dir/market.itch"
check "check prints every error" [ "$(wc -l <"$dir/err")" = 3 ]
check "run --help and check --help" sh -c "'$wiretick' run --help | grep -q 'usage: wiretick run' && '$wiretick' check --help | grep -q 'usage: wiretick check'"

# ------------------------------------------------------------ one path to the venue
callers() { grep -rlE "$1\(" host --include=*.c | sort | tr '\n' ' '; }
check "only way_out.c calls what the gateway sends by" \
    [ "$(callers 'wt_gateway_(send|replaced?)')" = "host/gateway/gateway.c host/gateway/way_out.c " ]
check "and only the OMS calls way_out.c" [ "$(callers 'wt_way_out(_replaced?)?')" = "host/gateway/way_out.c host/trade/oms.c " ]
check "only the desk calls the OMS's requests" \
    [ "$(callers 'wt_oms_(enter|replace|moved?|cancel)')" = "host/trade/desk.c host/trade/oms.c " ]
echo "1..$number"
