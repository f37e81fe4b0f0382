#!/bin/sh
# readers - each reader of the golden vectors passes the right softmax and no other; so does the README's step for CI.
# A language that is not installed is named, and the exit code is 77 then.
# SPDX-License-Identifier: MIT
set -u
vectors=$PWD/oracle/vectors readers=$PWD/oracle/vectors/readers build=${BUILD:-$PWD/build} failed=0 missing=0

expect() { # expect STATUS COMMAND...: it ends so, its last line is the summary, and a failure is named before it
    want=$1
    shift
    "$@" >"$build/reader.out" 2>&1
    got=$?
    tail -n 1 "$build/reader.out"
    tail -n 1 "$build/reader.out" | grep -q '[1-9][0-9]* cases pass' || want="a summary"
    [ "$want" != 1 ] || grep -q '^FAIL .*-[0-9a-f]\{16\}' "$build/reader.out" || want="the ids that fail"
    [ "$got" = "$want" ] || { failed=1; echo "FAIL expected $want, found exit code $got"; }
}

# says PATTERN: the summary of the last one, where another idea of an ulp shows: safe is rounded once, half an ulp off in
# f32; nearly is 2^-22 off, which is 2 to 4 ulps more.
says() {
    tail -n 1 "$build/reader.out" | grep -q "$1" || { failed=1; echo "FAIL expected the errors '$1'"; }
}

few() { # most of what the last one gave is named a failure
    tail -n 1 "$build/reader.out" | awk '{ exit !(5 * $3 < $5) }' || { failed=1; echo "FAIL expected few to pass"; }
}

refuse() { # refuse COMMAND...: it has nothing to check, which must not look like success
    "$@" >/dev/null 2>&1
    got=$?
    [ "$got" = 2 ] || { failed=1; echo "FAIL $*: expected exit code 2, found $got"; }
}

each() { # each COMMAND...: with all subjects; $files: what follows the name
    expect 0 "$@" safe $files
    says ': f32 0\.50* f64 [0-9.]*$'
    expect 1 "$@" nearly $files
    says ': f32 4\.[0-5][0-9]* '
    expect 1 "$@" multiply $files
    for wrong in nan zeros; do expect 1 "$@" "$wrong" $files; few; done
    refuse "$@" none $files
    refuse "$@" safe "$vectors/nowhere"
}

has() { command -v "$1" >/dev/null || { missing=77; echo "skipped: $1 is not installed"; return 1; }; }

files=$vectors
has python3 && each python3 -B "$readers/reader.py"
has node && each node "$readers/reader.js"
files=$(ls "$vectors"/*.f32.softmax.txt "$vectors"/*.f64.softmax.txt)
if has "${CC:-cc}"; then
    "${CC:-cc}" -std=c99 -Wall -Wextra -Wpedantic -Werror -O2 -o "$build/reader" "$readers/reader.c" -lm || exit 1
    each "$build/reader"
fi

step() { # step STATUS IMPLEMENTATION: the step that the README gives, with this mine.py
    printf 'import reader\nsoftmax = reader.SUBJECTS["%s"]\n' "$2" >mine.py
    expect "$1" sh step.sh
}
rm -rf "$build/step" && mkdir "$build/step" && cd "$build/step" || exit 1
cp "$build"/maskproof-vectors-*.tar.gz . || exit 1
sed -n '/^<!-- the readers/,/^```$/p' "$vectors/README.md" | sed '1,2d;$d' >step.sh
has python3 && step 0 safe && step 1 multiply
[ "$failed" = 0 ] && exit "$missing"
exit 1
