#!/bin/sh
# How long the course's verbs take when the journal is as full as it gets, beside an empty one.
#
#   cargo build --release && benches/course.sh [NETLAB]
#
# The bar is 50 ms of wall time for `netlab`, `netlab lessons` and `netlab check`, wherever in a full journal the
# step began: near its end, or so early that all of it is behind that, of which the latest conversations count. `check` is asked of every lesson's first
# step that has a check.
#
# The journal is made of real lines: `resolve`, `raw-get` and `connect` talk to the lab once, and what they wrote
# down is repeated with fresh flow ids and ports until both halves hold their limit. `check` changes what it judges
# (a step that passes is over), so each run gets a fresh copy of the folder, made outside the time that counts.
# Times are medians of ROUNDS (15); the rows take turns.

set -eu
LC_ALL=C
export LC_ALL

netlab=${1:-target/release/netlab}
rounds=${ROUNDS:-15}
bar_us=50000
half_bytes=$((4 * 1024 * 1024))

case $(date +%N) in
    *[!0-9]* | '') echo "skipped: date tells no nanoseconds here"; exit 0 ;;
esac
[ -x "$netlab" ] || { echo "there is no $netlab: cargo build --release" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM PIPE

in_home() {
    home=$1
    shift
    NETLAB_HOME=$home "$netlab" "$@"
}

# One learner's minute: names, pages, and a connection by hand.
in_home "$work/real" resolve garden.test hello.test > /dev/null 2>&1
in_home "$work/real" raw-get http://hello.test/seed-a-plant > /dev/null 2>&1
in_home "$work/real" raw-get http://garden.test/ > /dev/null 2>&1
printf 'GET / HTTP/1.1\r\nHost: hello.test\r\n\r\n' | in_home "$work/real" connect hello.test:80 > /dev/null 2>&1

# A half of that: each repetition is a minute later, on flows and ports of its own.
# Usage: half NUMBER-OF-THE-HALF
half() {
    awk -v half="$1" -v room="$half_bytes" '
        { line[NR] = $0 }
        END {
            for (again = 1; ; again++) {
                for (at = 1; at <= NR; at++) {
                    text = line[at]
                    if (match(text, /"flow":"[0-9a-f]*"/)) {
                        id = substr(text, RSTART + 8, RLENGTH - 9)
                        if (!(id in number)) number[id] = ++ids
                        fresh = sprintf("%x%07x%08x", half, again, number[id])
                        text = substr(text, 1, RSTART + 7) fresh substr(text, RSTART + RLENGTH - 1)
                    }
                    if (match(text, /"client":"127\.0\.0\.1:[0-9]*"/)) {
                        port = substr(text, RSTART + 20, RLENGTH - 21)
                        if (!(port in order)) order[port] = ++ports
                        fresh = 20000 + (again * 61 + order[port]) % 40000
                        text = substr(text, 1, RSTART + 19) fresh substr(text, RSTART + RLENGTH - 1)
                    }
                    if (match(text, /"began_us":[0-9]*/)) {
                        began = substr(text, RSTART + 11, RLENGTH - 11) + (half * 100000 + again) * 60e6
                        text = substr(text, 1, RSTART + 10) sprintf("%.0f", began) substr(text, RSTART + RLENGTH)
                    }
                    size += length(text) + 1
                    if (size > room) exit
                    print text
                }
            }
        }' "$work/real/journal.jsonl"
}
half 1 > "$work/older"
half 2 > "$work/current"

# The first step of each lesson that has a check has begun: with nothing in the journal, before everything in it, and after it.
in_home "$work/real" lessons --json | tr '{' '\n' | sed -n 's/.*"id":"\([a-z0-9-]*\)".*/\1/p' > "$work/lessons"
while read -r lesson; do
    empty=$work/$lesson.empty all=$work/$lesson.all new=$work/$lesson.new
    in_home "$empty" learn "$lesson" --step > /dev/null 2>&1
    # A step that is only to be read passes at once, and the next one begins.
    in_home "$empty" check > /dev/null 2>&1 || [ $? -eq 3 ]
    mkdir "$all" "$new"
    cp "$empty/progress.jsonl" "$all"
    cp "$empty/progress.jsonl" "$new"
    cat "$empty/journal.jsonl" "$work/older" > "$all/journal.1.jsonl"
    cp "$work/current" "$all/journal.jsonl"
    cp "$work/older" "$new/journal.1.jsonl"
    cat "$work/current" "$empty/journal.jsonl" > "$new/journal.jsonl"
    # A few lines behind the marker: one more visit.
    tail -n 12 "$work/real/journal.jsonl" >> "$new/journal.jsonl"
done < "$work/lessons"
first=$(head -n 1 "$work/lessons")

# Usage: timed HOME ROW COMMAND...
timed() {
    rm -rf "$work/now"
    cp -R "$1" "$work/now"
    row=$2
    shift 2
    began=$(date +%s%N)
    # A check that has not passed exits with 3, and that is what is timed.
    in_home "$work/now" "$@" > /dev/null 2>&1 || [ $? -eq 3 ]
    ended=$(date +%s%N)
    echo $(((ended - began) / 1000)) >> "$work/wall.$row"
}

round=0
while [ "$round" -lt "$rounds" ]; do
    for state in empty new all; do
        timed "$work/$first.$state" "bare.$state"
        timed "$work/$first.$state" "list.$state" lessons
        while read -r lesson; do
            timed "$work/$lesson.$state" "check-$lesson.$state" check
        done < "$work/lessons"
    done
    round=$((round + 1))
done

median() { sort -n "$work/wall.$1" | sed -n "$(((rounds + 1) / 2))p"; }
show() { printf '%s|%s|%s|%s\n' "$1" "$(median "$2.empty")" "$(median "$2.new")" "$(median "$2.all")"; }
{
    show netlab bare
    show 'netlab lessons' list
    while read -r lesson; do
        show "netlab check ($lesson)" "check-$lesson"
    done < "$work/lessons"
} | awk -F '|' -v bar="$bar_us" -v flows="$(cat "$work/older" "$work/current" | grep -c '"opening"')" '
    BEGIN {
        printf "a full journal: 8 MiB, %d flows; wall ms, bar %d ms\n", flows, bar / 1000
        printf "%-32s %8s %14s %14s\n", "", "empty", "marker at end", "all counts"
    }
    {
        late = ($3 > bar || $4 > bar)
        over = over || late
        printf "%-32s %8.1f %14.1f %14.1f  %s\n", $1, $2 / 1000, $3 / 1000, $4 / 1000, late ? "over" : "met"
    }
    END { exit over }'
