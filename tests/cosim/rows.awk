# Rows of `wiretick book` (second file) against the reference's (first file): every row must be the state of its
# symbol after its message, rows in message order, and the last row of every symbol the reference's last.
# Prints "ROWS REFERENCE EXACT"; exit status 1, with the first offenders, if not.
BEGIN { FS = "," }
{ state = $4 "," $5 "," $6 "," $7 }
FNR == NR { n[$3]++; number[$3, n[$3]] = $1; was[$3, n[$3]] = state; last[$3] = state; reference++; next }
{
    i = at[$3]
    while (i < n[$3] && number[$3, i + 1] + 0 <= $1 + 0)
        i++
    at[$3] = i
    rows++
    exact += i && number[$3, i] == $1
    if ($1 + 0 < before + 0 && bad++ < 5)
        print "# out of order: " $0
    before = $1
    if (state != (i ? was[$3, i] : "0,0,0,0") && bad++ < 5)
        print "# wrong: " $0 " is not " was[$3, i]
    final[$3] = state
}
END {
    for (symbol in last)
        if (final[symbol] != last[symbol] && bad++ < 5)
            print "# at the end: " symbol " has " final[symbol] " and not " last[symbol]
    print rows + 0, reference + 0, exact + 0
    exit bad > 0
}
