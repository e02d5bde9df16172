#!/bin/sh
# packages.sh install|check LIST -- the Debian packages that LIST names.
#
# install: those that are missing, with apt-get as root or through sudo, without a
#          question.  Nothing is done where all are present.
# check:   only says which are missing and how to mend it.
# Exit status 7 (missing tool) where something stays missing.
set -u
mode=$1 list=$2

wanted=$(sed 's/#.*//' "$list" | awk 'NF { print $1 }')
if ! command -v dpkg-query >/dev/null; then
    # Not Debian: whoever builds here has to know the names of the packages.
    echo "no dpkg-query here: the packages of $list are not checked" >&2
    exit 0
fi
# A package that dpkg has never seen is missing from the answer.
present=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' 2>/dev/null |
    sed -n 's/^installed //p')
missing=$(printf '%s\n' "$wanted" | grep -vxF "$present" | tr '\n' ' ')
[ -n "$missing" ] || exit 0

if [ "$mode" = check ]; then
    echo "missing packages: $missing" >&2
    echo "mend with: make deps" >&2
    exit 7
fi
sudo=
if [ "$(id -u)" -ne 0 ]; then
    sudo=sudo
    if ! command -v sudo >/dev/null; then
        echo "missing packages: $missing" >&2
        echo "neither root nor sudo here; mend with, as root:" >&2
        echo "    apt-get install --no-install-recommends $missing" >&2
        exit 7
    fi
fi
echo "installing: $missing"
# The lists of packages are asked first: on a new system they are empty or old.
# shellcheck disable=SC2086 # a list of words
$sudo env DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends $missing </dev/null && exit 0
echo "apt-get failed; these packages are still missing: $missing" >&2
exit 7
