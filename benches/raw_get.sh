#!/bin/sh
# What it costs to fetch much with `netlab raw-get`, beside curl, from the same server.
#
#   cargo build --release && benches/raw_get.sh [NETLAB]
#
# Bars: 1 GiB (MIB) of content into nothing at the speed of curl or better, in at most 12 MB of memory; and every
# byte of 200 MiB (HEX_MIB) as hex in a file for at most 0.05 times the processor time of `curl --trace`, which writes
# the like. The server is a few lines of Python that send the same megabyte again and again. The rows take turns,
# ROUNDS (5) rounds, HEX_ROUNDS (3) for hex; of each round the ratio is taken, and the median of them
# counts, since the machine may have other things to do. Memory is the most any round took.

set -eu
LC_ALL=C
export LC_ALL

netlab=${1:-target/release/netlab}
mib=${MIB:-1024}
hex_mib=${HEX_MIB:-200}
rounds=${ROUNDS:-5}
hex_rounds=${HEX_ROUNDS:-3}

[ -x "$netlab" ] || { echo "there is no $netlab: cargo build --release" >&2; exit 1; }
for tool in curl python3; do
    command -v "$tool" > /dev/null || { echo "skipped: $tool is not installed"; exit 0; }
done
case $(date +%N) in
    *[!0-9]* | '') echo "skipped: date tells no nanoseconds here"; exit 0 ;;
esac
gnu_time=$(command -v time || true)
[ -x "$gnu_time" ] || gnu_time=/usr/bin/time
"$gnu_time" -f %M true > /dev/null 2>&1 || { echo "skipped: there is no GNU time"; exit 0; }

work=$(mktemp -d)
NETLAB_HOME=$work/home
export NETLAB_HOME
unset http_proxy HTTP_PROXY all_proxy ALL_PROXY
server=
trap '[ -z "$server" ] || kill "$server" 2> /dev/null || true; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM PIPE

# Answers /N with N megabytes of noise, always the same one.
cat > "$work/server.py" << 'PYTHON'
import random, socket, sys, threading
block = random.Random(1).randbytes(1 << 20)
def serve(client):
    with client:
        head = b''
        while b'\r\n\r\n' not in head:
            piece = client.recv(4096)
            if not piece:
                return
            head += piece
        many = int(head.split(b' ')[1][1:])
        client.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n' % (many << 20))
        try:
            for _ in range(many):
                client.sendall(block)
        except OSError:
            pass
listener = socket.create_server(('127.0.0.1', 0))
with open(sys.argv[1] + '.new', 'w') as place:
    place.write(str(listener.getsockname()[1]))
import os
os.rename(sys.argv[1] + '.new', sys.argv[1])
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
PYTHON
python3 "$work/server.py" "$work/port" &
server=$!
tries=0
until [ -s "$work/port" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 1000000 ] || { echo "the server did not start" >&2; exit 1; }
done
url=http://127.0.0.1:$(cat "$work/port")

# fetched NAME COMMAND...: milliseconds and KiB of one run.
fetched() {
    name=$1
    shift
    began=$(date +%s%N)
    "$gnu_time" -o "$work/memory" -f %M "$@" > /dev/null 2> "$work/complaint" || { cat "$work/complaint" >&2; exit 1; }
    ended=$(date +%s%N)
    echo "$(((ended - began) / 1000000)) $(tail -n 1 "$work/memory")" >> "$work/$name"
}

# dumped NAME COMMAND...: milliseconds of processor time and KiB of one run whose output goes to a file.
dumped() {
    name=$1
    shift
    rm -f "$work/dump"
    "$gnu_time" -o "$work/spent" -f '%U %S %M' "$@" > "$work/dump" 2> "$work/complaint" || { cat "$work/complaint" >&2; exit 1; }
    tail -n 1 "$work/spent" | awk '{ print int(($1 + $2) * 1000), $3 }' >> "$work/$name"
    rm -f "$work/dump"
}

round=0
while [ "$round" -lt "$rounds" ]; do
    fetched curl curl -s -o /dev/null "$url/$mib"
    fetched netlab "$netlab" raw-get --quiet --max-time 5m --save /dev/null "$url/$mib"
    round=$((round + 1))
done
round=0
while [ "$round" -lt "$hex_rounds" ]; do
    dumped curl-trace curl -s -o /dev/null --trace - "$url/$hex_mib"
    dumped netlab-bytes "$netlab" raw-get --bytes --max-time 5m "$url/$hex_mib"
    round=$((round + 1))
done

median() { sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }
# ratio FIRST SECOND: of each round the second's figure by the first's, and of these the median.
ratio() { paste -d' ' "$work/$1" "$work/$2" | awk '{ print $3 / $1 }' | median; }
# row NAME UNIT: the median figure, and the most memory.
row() {
    figure=$(cut -d' ' -f1 "$work/$1" | median)
    most=$(cut -d' ' -f2 "$work/$1" | sort -n | tail -n 1)
    awk -v name="$1" -v figure="$figure" -v unit="$2" -v most="$most" \
        'BEGIN { printf "%-14s %7d %s %6.1f MB RSS\n", name, figure, unit, most * 1.024 / 1000 }'
}

echo "$mib MiB into nothing"
row curl "ms                  "
row netlab "ms                  "
awk -v ratio="$(ratio netlab curl)" -v most="$most" 'BEGIN {
    printf "  %.2f times the speed of curl (bar 1.00)%s\n", ratio, (ratio < 1 ? "  below" : "")
    printf "  %.1f MB of memory (bar 12.0)%s\n", most * 1.024 / 1000, (most * 1.024 > 12000 ? "  over" : "")
}'
echo "every byte of $hex_mib MiB into a file"
row curl-trace "ms of processor time"
row netlab-bytes "ms of processor time"
awk -v ratio="$(ratio curl-trace netlab-bytes)" 'BEGIN {
    printf "  %.3f times that of curl --trace (bar 0.050)%s\n", ratio, (ratio > 0.05 ? "  over" : "")
}'
