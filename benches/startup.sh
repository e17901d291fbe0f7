#!/bin/sh
# How long a whole process of netlab takes, and how much memory, beside tools that do the like.
#
#   cargo build --release && benches/startup.sh [NETLAB]
#
# Budgets: --help and bare netlab 3 ms and 6 MB, one lookup over loopback 2.5 ms and 6 MB. Wall time is the
# median of ROUNDS (21) rounds of RUNS (20) runs; the rows take turns, so that what else the machine does
# falls on all of them. CPU time is the mean of 200 runs, memory the most that one of three took. The row
# "true" is what this machine asks of any process.

set -eu
LC_ALL=C
export LC_ALL

netlab=${1:-target/release/netlab}
rounds=${ROUNDS:-21}
runs=${RUNS:-20}

case $(date +%N) in
    *[!0-9]* | '') echo "skipped: date tells no nanoseconds here"; exit 0 ;;
esac
[ -x "$netlab" ] || { echo "there is no $netlab: cargo build --release" >&2; exit 1; }

work=$(mktemp -d)
NETLAB_HOME=$work/home
export NETLAB_HOME
lab=
trap '[ -z "$lab" ] || kill "$lab"; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM PIPE

# The lab answers the lookups; the first line it prints says on which port.
mkfifo "$work/doors"
"$netlab" lab up --free --json > "$work/doors" &
lab=$!
read -r doors < "$work/doors"
port=$(printf '%s\n' "$doors" | sed 's/.*"dns":"[^"]*:\([0-9]*\)".*/\1/')

# The file, not the shell's built-in.
nothing=/bin/true
[ -x "$nothing" ] || nothing=/usr/bin/true

# The table: calls "$1 COMMAND..." for the row with that number.
row() {
    case $2 in
        1) "$1" "$nothing" ;;
        2) "$1" "$netlab" --help ;;
        3) "$1" "$netlab" ;;
        4) "$1" "$netlab" resolve hello.test --server "127.0.0.1:$port" ;;
        5) "$1" "$netlab" resolve hello.test -t A --server "127.0.0.1:$port" ;;
        6) "$1" kdig @127.0.0.1 -p "$port" hello.test A ;;
        7) "$1" dig @127.0.0.1 -p "$port" hello.test A ;;
        8) "$1" curl --version ;;
    esac
}
rows='1 2 3 4 5 6 7 8'

# Budgets in microseconds, of the rows that have one.
budget() {
    case $1 in
        2 | 3) echo 3000 ;;
        4 | 5) echo 2500 ;;
        *) echo 0 ;;
    esac
}

run() { "$@" > /dev/null 2>&1; }
show() {
    name=${1##*/}
    shift
    echo "$name $*" | sed "s/127.0.0.1:$port/LAB/; s/127.0.0.1 -p $port/LAB/"
}
is_there() { command -v "$1" > "$work/found"; }
kilobytes() { "$gnu_time" -a -o "$work/memory" -f %M "$@" > /dev/null 2>&1; }

repeat() {
    left=$2
    while [ "$left" -gt 0 ]; do
        row run "$1"
        left=$((left - 1))
    done
}

# Wall time of one round, in microseconds a run.
wall() {
    began=$(date +%s%N)
    repeat "$1" "$runs"
    ended=$(date +%s%N)
    echo $(((ended - began) / 1000 / runs)) >> "$work/wall.$1"
}

# CPU time in microseconds a run. A new shell has no children's time yet; the second line of `times` is theirs,
# such as "0m0.05s 0m0.03s".
cpu() {
    (repeat "$1" 200; times) | awk '
        NR == 2 { for (at = 1; at <= 2; at++) { split($at, part, /[ms]/); us += part[1] * 60e6 + part[2] * 1e6 } }
        END { printf "%d\n", us / 200 }'
}

gnu_time=$(command -v time || true)
[ -x "$gnu_time" ] || gnu_time=/usr/bin/time
"$gnu_time" -f %M true > "$work/found" 2>&1 || gnu_time=

memory() {
    [ -n "$gnu_time" ] || { echo 0; return; }
    : > "$work/memory"
    row kilobytes "$1"; row kilobytes "$1"; row kilobytes "$1"
    sort -n "$work/memory" | tail -n 1
}

present=
for row in $rows; do
    if ! row is_there "$row"; then
        printf 'skipped: %s is not installed\n' "$(row show "$row")"
    elif ! row run "$row"; then
        printf 'skipped: %s fails here\n' "$(row show "$row")"
    else
        present="$present $row"
    fi
done

round=0
while [ "$round" -lt "$rounds" ]; do
    for row in $present; do wall "$row"; done
    round=$((round + 1))
done

[ -n "$gnu_time" ] || echo "skipped: memory, for there is no GNU time"
for row in $present; do
    median=$(sort -n "$work/wall.$row" | sed -n "$(((rounds + 1) / 2))p")
    printf '%s|%s|%s|%s|%s\n' "$(row show "$row")" "$median" "$(cpu "$row")" "$(memory "$row")" "$(budget "$row")"
done | awk -F '|' '
    BEGIN { printf "%-48s %8s %8s %8s %10s\n", "", "wall ms", "CPU ms", "RSS MB", "budget" }
    {
        over = $5 > 0 && ($2 > $5 || $4 * 1.024 > 6000) ? "  over" : ""
        bar = $5 > 0 ? sprintf("%.1f / 6", $5 / 1000) : ""
        printf "%-48s %8.2f %8.2f %8.2f %10s%s\n", $1, $2 / 1000, $3 / 1000, $4 * 1.024 / 1000, bar, over
        if ($1 ~ /netlab resolve.*-t A/) ours = $2
        if ($1 ~ /^(kdig|dig)/ && ours) printf "%-48s %8.2f\n", "  netlab resolve -t A takes, of that", ours / $2
    }'
