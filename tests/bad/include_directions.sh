#!/bin/bash
# An include against the direction of the modules is found, and there is none.
. tests/tap.sh

found=$(sh tests/layers.sh)
check $? "no module includes against its direction"
[ -z "$found" ] || printf '%s\n' "$found" | sed 's/^/# /'

mkdir -p "$t/base" "$t/nn/deep"
echo 'base_DEPS :=' >"$t/base/module.mk"
echo 'nn_DEPS := base' >"$t/nn/module.mk"
printf '#include <stdio.h>\n#include "base/a.h"\n' >"$t/base/a.c"
printf '#include "nn/b.h"\n#include "base/a.h"\n' >"$t/nn/deep/b.c"
found=$(sh tests/layers.sh "$t")
check $? "includes along the direction pass"
printf '#include "nn/b.h"\n' >>"$t/base/a.c"
found=$(sh tests/layers.sh "$t")
[ $? -eq 1 ] && [ "$found" = 'base/a.c:3:#include "nn/b.h"' ]
check $? "an include upwards is named with file and line"
printf '# include  "sim/c.h"\n' >"$t/nn/deep/c.h"
sh tests/layers.sh "$t" | grep -q 'nn/deep/c.h:1:'
check $? "an include of a foreign module in a subfolder is named"
