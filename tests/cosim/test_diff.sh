#!/bin/bash
# The card against a model, after every message, on frames broken at every layer (tests/diff/README.md): some hundred
# cases here; `make fuzz-card` for as long as one likes.
set -u
b=${B:-build}
n=0
for card in libwtcard libwtcard_small; do
    n=$((n + 1))
    if said=$("$b/tests/diff/fuzz_card" --model "$b/$card.so" --cases 120 2>&1); then
        echo "# $said"
        echo "ok $n - $card says what the model says"
    else
        printf '%s\n' "$said" | sed 's/^/# /'
        echo "not ok $n - $card says what the model says"
    fi
done
# What it found: a symbol stopped that the card alone had called stale.
for case in 1795472571170814881 1795472571170815452 1795472571170815507; do
    n=$((n + 1))
    if said=$("$b/tests/diff/fuzz_card" --model "$b/libwtcard_small.so" --case $case 2>&1); then
        echo "ok $n - case $case"
    else
        printf '%s\n' "$said" | sed 's/^/# /'
        echo "not ok $n - case $case"
    fi
done
n=$((n + 1))
if "$b/tests/diff/fuzz_card" --cases 3 --model "$b/nothing.so" >/dev/null 2>&1; then
    echo "not ok $n - a card that is not there is a failure"
else
    echo "ok $n - a card that is not there is a failure"
fi

# Two symbols in a card of 64 price levels: handed over when they grow, they come back by themselves.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
back() {
    "$b/wiretick" generate "$dir/m" --messages 20000 --symbols 2 --live 80 --duration 600 &&
        "$b/wiretick" book "$dir/m" --symbols ACME,BOLT --via soft >"$dir/soft" &&
        "$b/wiretick" book "$dir/m" --symbols ACME,BOLT --model "$b/libwtcard_small.so" --stats "$dir/stats" >"$dir/card" &&
        cmp "$dir/soft" "$dir/card" && grep -q '"overflow": [1-9]' "$dir/stats" && grep -q '"returned": [1-9]' "$dir/stats"
} >"$dir/said" 2>&1
n=$((n + 1))
if back; then
    echo "ok $n - symbols that did not fit come back to the card, and no row differs"
else
    sed 's/^/# /' "$dir/said"
    echo "not ok $n - symbols that did not fit come back to the card, and no row differs"
fi
echo "1..$n"
