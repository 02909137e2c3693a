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
n=$((n + 1))
if "$b/tests/diff/fuzz_card" --cases 3 --model "$b/nothing.so" >/dev/null 2>&1; then
    echo "not ok $n - a card that is not there is a failure"
else
    echo "ok $n - a card that is not there is a failure"
fi
echo "1..$n"
