#!/bin/bash
# Every key that a file of configs/ uses is in the schema of configs/README.md.
n=0
for f in $(find configs -name '*.yaml' | sort); do
    n=$((n + 1))
    # Keys stand at the start of a line, after "- ", "{" or ", ".
    keys=$(sed 's/#.*//; s/"[^"]*"//g' "$f" |
        grep -oE '(^ *|- |[{,] *)[A-Za-z_][A-Za-z0-9_]*:( |$)' |
        grep -oE '[A-Za-z_][A-Za-z0-9_]*' | sort -u)
    missing=
    for key in $keys; do
        grep -qE "\`([^\`]* )?$key( [^\`]*)?\`" configs/README.md || missing="$missing $key"
    done
    if [ -n "$keys" ] && [ -z "$missing" ]; then
        echo "ok $n - the keys of $f are documented"
    else
        echo "not ok $n - the keys of $f are documented; not these:$missing"
    fi
done
