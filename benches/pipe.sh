#!/bin/sh
# How fast bytes go through netlab as a pipe, beside socat on the same pipe, and how much memory that takes.
#
#   cargo build --release && benches/pipe.sh [NETLAB]
#
# Bar: connect --raw carries MIB (1024) MiB over loopback at 0.8 times the speed of socat or better. In every
# row the same socat receives and throws away, or the same socat sends; only the program under test changes.
# Both have the same buffer, 128 KiB. The rows take turns, ROUNDS (5) rounds, and the median counts. Memory
# is the most any round took.

set -eu
LC_ALL=C
export LC_ALL

netlab=${1:-target/release/netlab}
mib=${MIB:-1024}
rounds=${ROUNDS:-5}
room=131072

[ -x "$netlab" ] || { echo "there is no $netlab: cargo build --release" >&2; exit 1; }
command -v socat > /dev/null || { echo "skipped: socat is not installed"; exit 0; }
case $(date +%N) in
    *[!0-9]* | '') echo "skipped: date tells no nanoseconds here"; exit 0 ;;
esac
gnu_time=$(command -v time || true)
[ -x "$gnu_time" ] || gnu_time=/usr/bin/time
"$gnu_time" -f %M true > /dev/null 2>&1 || { echo "skipped: there is no GNU time"; exit 0; }

work=$(mktemp -d)
NETLAB_HOME=$work/home
export NETLAB_HOME
other=
trap '[ -z "$other" ] || kill "$other" 2> /dev/null || true; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM PIPE

# Waits until a port of loopback is listened on. 16 bits in hex stand behind the address; 0A is LISTEN.
await() {
    hex=$(printf '%04X' "$1")
    tries=0
    until grep -q ":$hex 00000000:0000 0A" /proc/net/tcp; do
        tries=$((tries + 1))
        [ "$tries" -lt 100000 ] || { echo "nothing listens on port $1" >&2; exit 1; }
    done
}

bytes() { head -c "${mib}M" /dev/zero; }

# timed NAME COMMAND...: runs the command with 1 GiB going in and writes milliseconds and KiB.
timed() {
    name=$1
    shift
    began=$(date +%s%N)
    bytes | "$gnu_time" -o "$work/memory" -f %M "$@" > /dev/null 2> "$work/complaint"
    ended=$(date +%s%N)
    echo "$(((ended - began) / 1000000)) $(tail -n 1 "$work/memory")" >> "$work/$name"
}

port=$((20000 + $$ % 20000))

# The program under test sends; socat receives.
sends() {
    name=$1
    shift
    port=$((port + 1))
    socat -u -b "$room" "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr" OPEN:/dev/null &
    other=$!
    await "$port"
    timed "$name" "$@"
    wait "$other"
    other=
}

# The program under test receives; socat sends.
receives() {
    name=$1
    shift
    port=$((port + 1))
    "$gnu_time" -o "$work/memory" -f %M "$@" < /dev/null > /dev/null 2> "$work/complaint" &
    other=$!
    await "$port"
    began=$(date +%s%N)
    bytes | socat -u -b "$room" STDIN "TCP:127.0.0.1:$port"
    wait "$other"
    other=
    ended=$(date +%s%N)
    echo "$(((ended - began) / 1000000)) $(tail -n 1 "$work/memory")" >> "$work/$name"
}

round=0
while [ "$round" -lt "$rounds" ]; do
    next=$((port + 1))
    sends socat-sends socat -u -b "$room" STDIN "TCP:127.0.0.1:$next"
    next=$((port + 1))
    sends netlab-sends "$netlab" connect --quiet --raw "127.0.0.1:$next"
    next=$((port + 1))
    receives socat-receives socat -u -b "$room" "TCP-LISTEN:$next,bind=127.0.0.1,reuseaddr" STDOUT
    next=$((port + 1))
    receives netlab-receives "$netlab" listen --quiet --raw "127.0.0.1:$next"
    round=$((round + 1))
done

printf '%-16s %10s %10s %10s\n' "$mib MiB" ms MiB/s 'RSS MB'
for row in socat-sends netlab-sends socat-receives netlab-receives; do
    median=$(sort -n "$work/$row" | sed -n "$(((rounds + 1) / 2))s/ .*//p")
    most=$(sed 's/.* //' "$work/$row" | sort -n | tail -n 1)
    echo "$row $median $most"
done | awk -v mib="$mib" '
    {
        printf "%-16s %10d %10d %10.1f\n", $1, $2, mib * 1000 / $2, $3 * 1.024 / 1000
        split($1, part, "-")
        if (part[1] == "socat") { base = $2; next }
        ratio = base / $2
        printf "  %.2f times the speed of socat (bar 0.80)%s\n", ratio, ratio < 0.8 ? "  below" : ""
    }'
