# shellcheck shell=bash disable=SC2034  # used by those who source it
# What the scripts beside have in common. Sourced: a folder $dir that goes at the end, the program, and TAP.
# A script may say what a failure shows (evidence), and what else ends with it (at_end).
B=${B:-build}
wiretick=$B/wiretick
dir=$(mktemp -d)
number=0
# shellcheck disable=SC2317  # at_end may be defined by the script
at_end() { :; }
trap 'at_end; rm -rf "$dir"' EXIT

evidence() { tail -n 5 "$dir/out" "$dir/err" 2>/dev/null; }
result() { # STATUS NAME
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        evidence | sed 's/^/#   /'
    fi
}
skipped() { # NAME WHY
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}
check() { # NAME CONDITION...
    local name=$1
    shift
    "$@"
    result $? "$name"
}
