#!/bin/sh
# layers.sh [ROOT] -- include directions: every #include "module/..." in a module is
# of the module itself or of its <module>_DEPS (in <module>/module.mk).  Prints the
# offending lines and exits 1.
cd "${1:-.}" || exit 1
rc=0
for mk in */module.mk; do
    m=${mk%/module.mk}
    deps=$(sed -n "s/^${m}_DEPS *:= *//p" "$mk")
    bad=$(find "$m" \( -name '*.[ch]' -o -name '*.cpp' \) \
        -exec grep -Hn '^ *# *include *"[A-Za-z0-9_]*/' {} + |
        awk -F'"' -v ok=" $m $deps " \
            '{ split($2, p, "/"); if (!index(ok, " " p[1] " ")) print }')
    [ -z "$bad" ] || {
        echo "$bad"
        rc=1
    }
done
exit $rc
