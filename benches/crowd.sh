#!/bin/sh
# What crowds of clients cost `netlab serve`, beside nginx: idle ones, and ones that never finish a head.
#
#   cargo build --release && benches/crowd.sh [NETLAB]
#
# Bars: 10,000 idle connections are accepted in under 1 s and take at most 5 kB of memory each; while 1,000 clients have
# sent half a head, a normal one is served every time, and each of the 1,000 is told 408 when its 10 s are over.
#
# That connections are accepted, and not merely waiting in the kernel, shows when a request on the last of them is
# answered. Memory is what the process has resident (VmRSS), before and after, divided by the connections.

set -eu
LC_ALL=C
export LC_ALL

netlab=${1:-target/release/netlab}
idle=${IDLE:-10000}
slow=${SLOW:-1000}

[ -x "$netlab" ] || { echo "there is no $netlab: cargo build --release" >&2; exit 1; }
command -v cc > /dev/null || { echo "skipped: cc is not installed"; exit 0; }
[ -r /proc/self/status ] || { echo "skipped: this system does not tell what a process has resident"; exit 0; }
ulimit -n $((idle + 1000)) 2> /dev/null || { echo "skipped: this user may not have $idle descriptors"; exit 0; }

work=$(mktemp -d)
NETLAB_HOME=$work/home
export NETLAB_HOME
started=
trap 'for pid in $started; do kill "$pid" 2> /dev/null || true; done; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM PIPE

cat > "$work/crowd.c" << 'C'
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
static const char half[] = "GET / HTTP/1.1\r\nHost: localhost\r\n";
static struct sockaddr_in at;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static int call(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at)) { perror("connect"); exit(1); }
    return fd;
}

/* The status that is answered, or 0. */
static int status(int fd) {
    char answer[4096];
    ssize_t many = read(fd, answer, sizeof answer - 1);
    if (many <= 0) return 0;
    answer[many] = 0;
    return strncmp(answer, "HTTP/1.1 ", 9) ? 0 : atoi(answer + 9);
}

static int ask(int fd) {
    if (write(fd, request, sizeof request - 1) < 0) return 0;
    return status(fd);
}

int main(int argc, char **argv) {
    int many = atoi(argv[3]), *fds = calloc(many, sizeof *fds);
    at.sin_family = AF_INET;
    at.sin_port = htons(atoi(argv[2]));
    inet_pton(AF_INET, "127.0.0.1", &at.sin_addr);
    double began = now();
    for (int i = 0; i < many; i++) {
        fds[i] = call();
        if (!strcmp(argv[1], "slow") && write(fds[i], half, sizeof half - 1) < 0) exit(1);
    }
    if (!strcmp(argv[1], "idle")) {
        int answered = ask(fds[many - 1]);
        printf("%.3f %d\n", now() - began, answered);
        fflush(stdout);
        getchar();
        return 0;
    }
    int asked = 0, failed = 0;
    double longest = 0;
    struct pollfd first = {.fd = fds[0], .events = POLLIN};
    while (!poll(&first, 1, 10) && now() - began < 30) {
        double from = now();
        int fd = call();
        asked++;
        failed += ask(fd) != 200;
        close(fd);
        if (now() - from > longest) longest = now() - from;
    }
    double deadline = now() - began;
    int told = 0;
    for (int i = 0; i < many; i++) told += status(fds[i]) == 408;
    printf("%d %d %.0f %.1f %d\n", asked, failed, longest * 1e3, deadline, told);
    return 0;
}
C
cc -O2 -o "$work/crowd" "$work/crowd.c"
mkfifo "$work/stay"

resident() { awk '/^VmRSS:/ { print $2 }' "/proc/$1/status"; }

# Usage: crowd NAME PID PORT. Idle connections to a server that runs already.
crowd() {
    before=$(resident "$2")
    "$work/crowd" idle "$3" "$idle" < "$work/stay" > "$work/told" &
    client=$!
    exec 3> "$work/stay"
    while [ ! -s "$work/told" ] && kill -0 "$client" 2> /dev/null; do sleep 0.05; done
    after=$(resident "$2")
    exec 3>&-
    wait "$client"
    awk -v name="$1" -v idle="$idle" -v before="$before" -v after="$after" '
        { printf "%-8s %d idle connections: accepted in %.2f s, %.1f kB each, the last one answered %s\n",
                 name, idle, $1, (after - before) / idle, $2 }' "$work/told"
}

"$netlab" serve --port 0 --connections $((idle + 100)) --keep-alive 60s > "$work/served" 2> "$work/errors" &
server=$!
started="$started $server"
while ! grep -q listening "$work/served"; do sleep 0.05; done
port=$(sed -n 's#^listening on http://127.0.0.1:\([0-9]*\).*#\1#p' "$work/served")

crowd netlab "$server" "$port" | tee "$work/ours"

if command -v nginx > /dev/null; then
    # Clients have had thousands of ports by now; this one is none that a system hands out.
    other=$((20000 + port % 10000))
    cat > "$work/nginx.conf" << CONF
worker_processes 1; daemon off; pid $work/nginx.pid; error_log $work/nginx.log;
worker_rlimit_nofile $((idle + 500));
events { worker_connections $((idle + 200)); }
http { access_log off; keepalive_timeout 60; server { listen 127.0.0.1:$other backlog=4096; return 200 "Hello"; } }
CONF
    nginx -c "$work/nginx.conf" 2> /dev/null &
    started="$started $!"
    tries=0
    while [ ! -s "$work/nginx.pid" ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || { echo "nginx did not start on port $other" >&2; exit 1; }
        sleep 0.05
    done
    while ! pgrep -P "$(cat "$work/nginx.pid")" > /dev/null; do sleep 0.05; done
    worker=$(pgrep -P "$(cat "$work/nginx.pid")" | head -n 1)
    crowd nginx "$worker" "$other"
else
    echo "skipped: nginx is not installed, so there is nothing to compare with"
fi

"$work/crowd" slow "$port" "$slow" > "$work/slow"
awk -v slow="$slow" '
    { printf "netlab   %d clients with half a head: %d of %d normal requests failed, the longest took %d ms; at %.1f s %d were told 408\n",
             slow, $2, $1, $3, $4, $5; bad = $2 > 0 || $5 < slow }
    END { exit bad }' "$work/slow" || over=1
awk '{ seconds = $7; each = $9; bad = seconds >= 1 || each > 5 || $NF != 200 } END { exit bad }' "$work/ours" || over=1
[ -z "${over:-}" ] && echo "met" || { echo "over the bar"; exit 1; }
