#!/bin/bash
# Every key that a file of configs/ uses is in the schema of configs/README.md.
. tests/tap.sh
for f in $(find configs -name '*.yaml' | sort); do
    # Keys stand at the start of a line, after "- ", "{" or ", ".
    keys=$(sed 's/#.*//; s/"[^"]*"//g' "$f" |
        grep -oE '(^ *|- |[{,] *)[A-Za-z_][A-Za-z0-9_]*:( |$)' |
        grep -oE '[A-Za-z_][A-Za-z0-9_]*' | sort -u)
    missing=
    for key in $keys; do
        grep -qE "\`([^\`]* )?$key( [^\`]*)?\`" configs/README.md || missing="$missing $key"
    done
    echo "not these:$missing" >"$t/why"
    [ -n "$keys" ] && [ -z "$missing" ]
    check $? "the keys of $f are documented"
done
