#!/bin/bash
# wiretick calibrate as a user types it: the table, the same twice, and what it says when it cannot.
set -u
wiretick=${B:-build}/wiretick
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
n=0
check() { # NAME CONDITION...
    n=$((n + 1))
    if "${@:2}"; then echo "ok $n - $1"; else echo "not ok $n - $1"; fi
}
fails() { # STATUS WORDS COMMAND...
    "${@:3}" >"$out/said" 2>&1
    [ $? -eq "$1" ] && grep -q "$2" "$out/said"
}
"$wiretick" calibrate --scale 0.02 >"$out/a" && "$wiretick" calibrate --scale 0.02 >"$out/b"
check "two runs give the same table" cmp -s "$out/a" "$out/b"
check "the mix stands beside the real one" grep -q '^| U messages | 8.1 % | [0-9.]* % | [0-9.]* % | - |$' "$out/a"
printf '\0\3abc' >"$out/cut"
printf '\0\44A' >>"$out/cut"
check "a cut file is refused" fails 1 'cut' "$wiretick" calibrate --scale 0.001 "$out/cut"
check "a file that is not there" fails 1 'cannot open' "$wiretick" calibrate --scale 0.001 "$out/none"
check "a bad scale" fails 2 'expected a number' "$wiretick" calibrate --scale x
check "two files" fails 2 'one file' "$wiretick" calibrate a b
check "help" fails 0 'usage: wiretick calibrate' "$wiretick" calibrate --help
echo "1..$n"
