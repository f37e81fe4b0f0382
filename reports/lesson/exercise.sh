#!/bin/sh
# exercise.sh N [FILE] - judge FILE (else build/exercise/N.c, copied from the template the first time) and say in plain
# words what is still wrong.  Exit 0: solved; 1: not yet; 2: it does not compile, or there is no such exercise.
# SPDX-License-Identifier: MIT
N=$1 BIN=${BIN:-build/bin} WORK=${WORK:-build/exercise} LESSON=${LESSON:-reports/lesson}
FILE=${2:-$WORK/$N.c}
# What each is held to: suites, largest error in ulp, policy for rows without a distribution.
case $N in
1) SUITES=article,plain LIMIT=90 POLICY=nan ;;
2) SUITES=article,plain,starve LIMIT=90 POLICY=nan ;;
3) SUITES=article,plain,poison LIMIT=90 POLICY=nan ;;
4) SUITES=article,plain,sentinel LIMIT=90 POLICY=nan ;;
5) SUITES=article,plain,empty,edges LIMIT=90 POLICY=strict-zero ;;
6) SUITES=article,plain,batch LIMIT=90 POLICY=nan ;;
7) SUITES=plain,long LIMIT=90 POLICY=nan ;;
8) SUITES=article,plain,empty,subnormal LIMIT=0.5 POLICY=strict-zero ;;
*) echo "exercise: expected N=1 to 8, found '$N'" >&2; exit 2 ;;
esac
mkdir -p "$WORK"
if [ ! -e "$FILE" ]; then
    cp "$LESSON/exercise-$N.c" "$FILE"
    echo "Exercise $N lies in $FILE. Change it, and run this again. This is what the judge says of it as it is:"
fi
${CC:-cc} -std=c17 -O2 -ffp-contract=off -Wall -Wextra -shared -fPIC -o "$WORK/$N.so" "$FILE" "$LESSON/harness.c" -lm || {
    echo "It does not compile; the compiler's first line above says where."; exit 2; }
"$BIN/maskproof" check --format f32 --suite "$SUITES" --max-ulp "$LIMIT" --profile "$POLICY" \
    -- "$BIN/maskproof-run" --so "$WORK/$N.so:exercise" >"$WORK/$N.txt" 2>"$WORK/$N.err"
status=$?
[ $status -le 1 ] || { cat "$WORK/$N.err" >&2; exit 2; }
if [ $status = 0 ]; then
    echo "Solved: no row of $SUITES fails, at most $LIMIT ulp."
    sed -n 's/^largest error in f32: \(.*\) ulp passes/The largest error is \1 ulp./p' "$WORK/$N.txt"
    exit 0
fi
echo "Not yet. A row that shows it, and what it means:"
grep -q 'differs when out is x' "$WORK/$N.txt" &&
    echo "  It reads x after it has written p: the two may be one array, and here they were."
sed -n '/^[A-Z][A-Z]*: /p' "$WORK/$N.txt" | while IFS= read -r line; do
    bug=${line%%:*}
    echo
    echo "  $line"
    "$BIN/maskproof-explain" "$bug" 2>/dev/null | sed -n '/^  cause/,/^  signature/p' | sed '/^  signature/d'
done
echo
echo "See such a row in decimals:"
sed -n 's/^ *\(maskproof gen .* |\).*/  \1 maskproof show/p' "$WORK/$N.txt" | head -n 1
exit 1
