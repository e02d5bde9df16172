#!/bin/bash
# Missing tools and packages: doctor and the script behind `make deps`.  A folder of
# stand-ins for dpkg-query, apt-get, id and sudo plays the system.
. tests/tap.sh
stand_in() { # NAME SCRIPT
    printf '#!/bin/sh\n%s\n' "$2" >"$t/bin/$1"
    chmod +x "$t/bin/$1"
}
mkdir "$t/bin"

"$bw" doctor >"$t/out" 2>&1
check $? "doctor finds everything here, exit 0"

# doctor on a system that has g++, make and a dpkg that knows them, but no yosys.
for tool in g++ make iverilog nextpnr-ice40 sta verilator; do
    stand_in $tool 'echo version 1'
done
stand_in dpkg-query 'for p; do :; done; case $p in yosys|libyaml-dev) exit 1;; esac
    printf installed'
PATH=$t/bin "$bw" doctor >"$t/out" 2>"$t/calls"
[ $? -eq 7 ] && grep -q '^MISSING  yosys ' "$t/out" &&
    grep -q '^MISSING  libyaml-dev ' "$t/out" && grep -q '^ok       verilator ' "$t/out" &&
    [ "$(cat "$t/calls")" = "bitwright doctor: 2 missing; mend with: make deps, or \
apt-get install yosys libyaml-dev" ]
check $? "doctor names what is missing and the command that mends it, exit 7"

# A tool that is there but does not run.
stand_in iverilog 'echo "error: no such library" >&2; exit 3'
PATH=$t/bin "$bw" doctor >"$t/out" 2>"$t/calls"
[ $? -eq 7 ] && grep -q '^BROKEN   iverilog .*error: no such library' "$t/out" &&
    grep -q ': 3 missing; .* iverilog' "$t/calls"
check $? "doctor counts a tool that does not run, exit 7"

# packages.sh
list=$t/list
printf '# comment\ngcc   compiler\nyosys synthesis\nfoo   bar # why\n' >"$list"
stand_in dpkg-query 'echo "installed gcc"; echo "config-files foo"; [ -f '"$t/new"' ] &&
    echo "installed foo" && echo "installed yosys"; exit 0'
stand_in apt-get 'echo "$DEBIAN_FRONTEND apt-get $*" >>'"$t/calls"
stand_in sudo 'echo "sudo $*" >>'"$t/calls"'; exec "$@"'
stand_in id 'echo 0'
packages() { # MODE
    : >"$t/calls"
    PATH=$t/bin:$PATH sh configs/packages.sh "$1" "$list" >"$t/out" 2>&1
}
packages check
[ $? -eq 7 ] && [ ! -s "$t/calls" ] &&
    [ "$(cat "$t/out")" = "missing packages: yosys foo 
mend with: make deps" ]
check $? "check only says what is missing"
packages install
[ $? -eq 0 ] && [ "$(cat "$t/calls")" = "noninteractive apt-get update -qq
noninteractive apt-get install -y -qq --no-install-recommends yosys foo " ] ||
    [ "$(cat "$t/calls")" = "noninteractive apt-get update -qq
noninteractive apt-get install -y -qq --no-install-recommends yosys foo" ]
check $? "root installs what is missing, and asks nothing"
stand_in id 'echo 1000'
packages install
[ $? -eq 0 ] && grep -q '^sudo env DEBIAN_FRONTEND=noninteractive apt-get' "$t/calls"
check $? "others go through sudo"
stand_in apt-get 'exit 100'
packages install
[ $? -eq 7 ] && grep -q 'apt-get failed; these packages are still missing: yosys foo' "$t/out"
check $? "a failing apt-get is reported, exit 7"
touch "$t/new"
packages install
[ $? -eq 0 ] && [ ! -s "$t/out" ] && [ ! -s "$t/calls" ]
check $? "nothing is done and nothing said where all is present"
rm "$t/new"
# Only the tools of the script itself, so that there is no sudo.
mkdir "$t/few"
for tool in sh sed awk grep tr cat; do ln -s "$(command -v $tool)" "$t/few/$tool"; done
cp "$t/bin/id" "$t/bin/dpkg-query" "$t/few/"
PATH=$t/few sh configs/packages.sh install "$list" >"$t/out" 2>&1
[ $? -eq 7 ] && grep -q 'neither root nor sudo here; mend with, as root:' "$t/out" &&
    grep -q 'apt-get install --no-install-recommends yosys foo' "$t/out"
check $? "neither root nor sudo: the command to run as root, exit 7"
