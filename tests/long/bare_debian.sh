#!/bin/bash
# The two commands of the README on a bare Debian 12: a new root made by debootstrap,
# with nothing but make in it, and the committed files of this tree.  Says how long each
# took; the logs stay in $B/bare_debian.
#     GOALS="demo test"  MIRROR=http://deb.debian.org/debian
goals=${GOALS:-demo test} mirror=${MIRROR:-http://deb.debian.org/debian}
skip() {
    echo "ok 1 - the commands work on a bare Debian 12 # SKIP $1"
    exit 0
}
[ "$(id -u)" -eq 0 ] || skip "not root"
command -v debootstrap >/dev/null || skip "no debootstrap; mend with: apt-get install debootstrap"
unshare -mpf true 2>/dev/null || skip "no name spaces here"

logs=$(realpath "$B")/bare_debian
mkdir -p "$logs" || exit 1
root=$(mktemp -d /var/tmp/bare-debian.XXXXXX) || exit 1
# The mounts below are those of a name space of our own: nothing is to be unmounted.
trap 'rm -rf --one-file-system "$root"' EXIT
n=0
report() { # RESULT SECONDS TEXT
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $3 ($2 s)"; else
        echo "not ok $n - $3 ($2 s)"
        tail -n 20 "$logs/$n.log" | sed 's/^/# /'
    fi
}
inside() { # COMMAND: in the new root, with a /proc and /dev of its own
    unshare -mpf --propagation private bash -c '
        mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" &&
            exec chroot "$1" /usr/bin/env -i HOME=/root LC_ALL=C \
                PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -c "cd /root/bitwright && $2"
    ' - "$root" "$1"
}

start=$SECONDS
debootstrap --variant=minbase --include=make,ca-certificates bookworm "$root" "$mirror" \
    >"$logs/1.log" 2>&1
rc=$?
report $rc $((SECONDS - start)) "debootstrap"
[ $rc -eq 0 ] || exit 1
mkdir "$root/root/bitwright"
git archive HEAD | tar -x -C "$root/root/bitwright"
cp /etc/resolv.conf "$root/etc/"
for goal in deps $goals; do
    start=$SECONDS
    inside "make $goal" >"$logs/$((n + 1)).log" 2>&1
    report $? $((SECONDS - start)) "make $goal"
done
