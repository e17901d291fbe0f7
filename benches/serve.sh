#!/bin/sh
# What a request to `netlab serve` costs, beside nginx, Node and a loop that reads and writes and parses nothing.
#
#   cargo build --release && benches/serve.sh [NETLAB]
#
# Bars: over kept-alive connections at most 0.9 times nginx and 1.10 times the bare loop; with 16 requests in each
# write at most 0.25 times nginx. Every server answers from one worker on one core; wrk asks on 64 connections from
# another. What counts is the processor time of the server's process, all threads, divided by the requests that were
# answered: the machine may have other things to do. The servers take turns, ROUNDS (5) rounds of SECONDS_EACH (4),
# and of each round the ratios are taken; the median of them is what is shown. netlab has evidence, journal and log on.

set -eu
LC_ALL=C
export LC_ALL

netlab=${1:-target/release/netlab}
rounds=${ROUNDS:-5}
seconds=${SECONDS_EACH:-4}

[ -x "$netlab" ] || { echo "there is no $netlab: cargo build --release" >&2; exit 1; }
for tool in wrk taskset cc; do
    command -v "$tool" > /dev/null || { echo "skipped: $tool is not installed"; exit 0; }
done
[ "$(getconf _NPROCESSORS_ONLN)" -gt 1 ] || { echo "skipped: there is one core, and the client needs another"; exit 0; }

work=$(mktemp -d)
NETLAB_HOME=$work/home
export NETLAB_HOME
started=
trap 'for pid in $started; do kill "$pid" 2> /dev/null || true; done; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM PIPE

# The bare loop: a ready-made answer for every empty line that comes, found without looking at anything else.
cat > "$work/bare.c" << 'C'
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const char answer[] =
    "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "ETag: \"0000000000000000\"\r\nContent-Length: 27\r\n\r\nHello from my netlab server";

int main(int argc, char **argv) {
    static char in[16384], out[1 << 20];
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0), loop = epoll_create1(0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[argc - 1]))};
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[256];
    inet_pton(AF_INET, "127.0.0.1", &at.sin_addr);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 4096)) return 1;
    epoll_ctl(loop, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int many = epoll_wait(loop, events, 256, -1);
        for (int i = 0; i < many; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                int client = accept(listener, 0, 0);
                setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                struct epoll_event new = {.events = EPOLLIN | EPOLLET, .data.fd = client};
                epoll_ctl(loop, EPOLL_CTL_ADD, client, &new);
                continue;
            }
            ssize_t len = read(fd, in, sizeof in);
            if (len <= 0) {
                close(fd);
                continue;
            }
            size_t say = 0;
            for (char *at = in; (at = memmem(at, in + len - at, "\r\n\r\n", 4)); at += 4) {
                memcpy(out + say, answer, sizeof answer - 1);
                say += sizeof answer - 1;
            }
            if (write(fd, out, say) < 0) close(fd);
        }
    }
}
C
sed -i '1i #define _GNU_SOURCE' "$work/bare.c"
cc -O2 -o "$work/bare" "$work/bare.c"

cat > "$work/sixteen.lua" << 'LUA'
init = function()
    local all = {}
    for number = 1, 16 do all[number] = wrk.format(nil, "/") end
    together = table.concat(all)
end
request = function() return together end
LUA

port=7790
await() {
    tries=0
    until wrk -t1 -c1 -d1s "http://127.0.0.1:$1/" 2> /dev/null | grep -q 'Requests/sec: *[1-9]'; do
        tries=$((tries + 1))
        [ "$tries" -lt 10 ] || { echo "nothing answers on port $1" >&2; exit 1; }
    done
}

servers=
# start NAME PORT COMMAND...: starts a server on the first core.
start() {
    name=$1
    shift
    taskset -c 0 "$@" > /dev/null 2>> "$work/$name.err" &
    eval "pid_$name=$!"
    started="$started $!"
    servers="$servers $name"
}

start bare "$work/bare" 7791
bare=7791
start netlab "$netlab" serve --port 7792 --workers 1
netlab_port=7792
nginx_port=
if command -v nginx > /dev/null; then
    nginx_port=7793
    cat > "$work/nginx.conf" << CONF
daemon off;
worker_processes 1;
pid $work/nginx.pid;
error_log $work/nginx.err;
events { worker_connections 1024; }
http {
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path $work/a;
    proxy_temp_path $work/b;
    fastcgi_temp_path $work/c;
    uwsgi_temp_path $work/d;
    scgi_temp_path $work/e;
    server {
        listen 127.0.0.1:7793 backlog=4096;
        location / { default_type "text/plain; charset=utf-8"; return 200 "Hello from my netlab server"; }
    }
}
CONF
    start nginx nginx -p "$work" -c "$work/nginx.conf"
else
    echo "skipped: nginx is not installed"
fi
node_port=
if command -v node > /dev/null; then
    node_port=7794
    cat > "$work/server.js" << 'JS'
require('node:http').createServer((request, response) => {
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end('Hello from my netlab server');
}).listen(7794, '127.0.0.1');
JS
    start node node "$work/server.js"
else
    echo "skipped: node is not installed"
fi

# Processor time of a process and its children, in ticks.
ticks() {
    total=0
    for pid in $1 $(cat "/proc/$1/task/$1/children" 2> /dev/null); do
        set -- $(sed 's/.*) //' "/proc/$pid/stat")
        total=$((total + ${12} + ${13}))
    done
    echo "$total"
}
hertz=$(getconf CLK_TCK)

# cost NAME PORT [SCRIPT]: nanoseconds of processor time a request.
cost() {
    eval "pid=\$pid_$1"
    before=$(ticks "$pid")
    requests=$(taskset -c 1 wrk -t1 -c64 "-d${seconds}s" ${3:+-s "$3"} "http://127.0.0.1:$2/" | awk '/requests in/ { print $1 }')
    after=$(ticks "$pid")
    [ "${requests:-0}" -gt 0 ] || { echo "$1 answered nothing" >&2; exit 1; }
    awk -v ticks=$((after - before)) -v hertz="$hertz" -v many="$requests" 'BEGIN { printf "%.0f", ticks / hertz * 1e9 / many }'
}

await $bare
await $netlab_port
[ -z "$nginx_port" ] || await $nginx_port
[ -z "$node_port" ] || await $node_port
# The journal writes down a burst of lines and then so many a second; what it leaves out is counted. That burst is in
# every round, because wrk makes new connections each time.
round=0
while [ "$round" -lt "$rounds" ]; do
    round=$((round + 1))
    line="one $(cost bare $bare) $(cost netlab $netlab_port)"
    [ -z "$nginx_port" ] && line="$line -" || line="$line $(cost nginx $nginx_port)"
    [ -z "$node_port" ] && line="$line -" || line="$line $(cost node $node_port)"
    echo "$line" >> "$work/costs"
    line="sixteen $(cost bare $bare "$work/sixteen.lua") $(cost netlab $netlab_port "$work/sixteen.lua")"
    [ -z "$nginx_port" ] && line="$line -" || line="$line $(cost nginx $nginx_port "$work/sixteen.lua")"
    [ -z "$node_port" ] && line="$line -" || line="$line $(cost node $node_port "$work/sixteen.lua")"
    echo "$line" >> "$work/costs"
done

median() { sort -n | awk '{ all[NR] = $1 } END { if (NR) printf "%.2f", all[int((NR + 1) / 2)] }'; }
# row KIND: what each costs and how netlab compares, round by round.
row() {
    for place in 2:bare 3:netlab 4:nginx 5:node; do
        own=$(awk -v kind="$1" -v at="${place%%:*}" '$1 == kind && $at != "-" { print $at / 1000 }' "$work/costs" | median)
        ratio=$(awk -v kind="$1" -v at="${place%%:*}" '$1 == kind && $at != "-" { print $3 / $at }' "$work/costs" | median)
        [ -z "$own" ] || printf '  %-7s %6s us a request, netlab takes %s of that\n' "${place##*:}" "$own" "$ratio"
    done
}
echo "one request a write, 64 connections (bars: 1.10 of bare, 0.90 of nginx)"
row one
echo "sixteen requests a write (bar: 0.25 of nginx)"
row sixteen
