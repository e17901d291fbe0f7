#!/bin/sh
# What it costs to fetch much with `netlab raw-get`, beside curl, from the same server.
#
#   cargo build --release && benches/raw_get.sh [NETLAB]
#
# Bars: 1 GiB (MIB) of content into nothing at the speed of curl or better, in at most 12 MB of memory; and every
# byte of 200 MiB (HEX_MIB) as hex in a file for at most 0.05 times the processor time of `curl --trace`, which writes
# the like. The server is a few lines of Python that send the same megabyte again and again. The rows take turns,
# ROUNDS (5) rounds, HEX_ROUNDS (3) for hex, and the median counts. Memory is the most any round took.

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
trap 'exit 1' INT TERM

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

median() { sort -n "$work/$1" | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }
most() { awk '$2 > most { most = $2 } END { print most }' "$work/$1"; }

for row in curl netlab; do
    echo "$row $(median $row) $(most $row)"
done | awk -v mib="$mib" '
    { printf "%-14s %7d ms %7d MiB/s %6.1f MB RSS\n", $1, $2, mib * 1000 / $2, $3 * 1.024 / 1000 }
    $1 == "curl" { base = $2; next }
    {
        printf "  %.2f times the speed of curl (bar 1.00)%s\n", base / $2, (base < $2 ? "  below" : "")
        printf "  at most 12 MB of memory%s\n", ($3 * 1.024 > 12000 ? "  over" : "")
    }'
for row in curl-trace netlab-bytes; do
    echo "$row $(median $row) $(most $row)"
done | awk '
    { printf "%-14s %7d ms of processor time %6.1f MB RSS\n", $1, $2, $3 * 1.024 / 1000 }
    $1 == "curl-trace" { base = $2; next }
    { printf "  %.3f times that of curl --trace (bar 0.050)%s\n", $2 / base, ($2 > base * 0.05 ? "  over" : "") }'
