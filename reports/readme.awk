# readme.awk - write the README again: after each line "<!-- COMMAND -->" stands what COMMAND prints, up to
# "<!-- end -->".  A command may fail with a verdict (exit 1); one that prints nothing is an error.
# SPDX-License-Identifier: MIT
/^<!-- end -->$/ { skipping = 0 }
!skipping { print }
/^<!-- (build|oracle|bench)\/.* -->$/ {
    command = substr($0, 6, length($0) - 9) " 2>/dev/null"
    lines = 0
    print "```"
    while ((command | getline line) > 0) {
        sub(/ +$/, "", line)
        print line
        lines++
    }
    close(command)
    print "```"
    if (lines == 0) { print "readme: nothing from " command > "/dev/stderr"; exit 1 }
    skipping = 1
}
