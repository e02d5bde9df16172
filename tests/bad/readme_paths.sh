#!/bin/bash
# Every file or folder of the source tree that a README names is there.
. tests/tap.sh
while IFS= read -r readme; do
    folder=$(dirname "$readme")
    missing=
    # `name.c`, `name.[ch]`, `name_*.c`, `folder/`, `folder/name`: in the root, or
    # beside the README.  Words with < or capitals stand for something else.
    for path in $(grep -o '`[^` ]*`' "$readme" | tr -d '`' |
        grep -E '^[][a-z0-9_./*-]+$' | grep -E '/|\.(\[ch\]|c|h|v|cpp|sh|txt)$' |
        grep -vE '^(build|/)' | sort -u); do
        compgen -G "$path" >/dev/null || compgen -G "$folder/$path" >/dev/null ||
            missing="$missing $path"
    done
    echo "not these:$missing" >"$t/why"
    [ -z "$missing" ]
    check $? "the paths in $readme exist"
done < <(find . -name README.md -not -path './build*' -not -path './.git/*' | sort)
