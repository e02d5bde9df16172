#!/bin/sh
# fetch.sh URL MD5 DIR -- downloads a .tar.gz, checks its sum, unpacks it into DIR.
# Nothing is unpacked from an archive whose sum differs.
set -u
url=$1 md5=$2 dir=$3
mkdir -p "$dir" || exit 1
part=$(mktemp "$dir/download.XXXXXX") || exit 1
trap 'rm -f "$part"' EXIT
trap 'exit 130' INT TERM
if command -v curl >/dev/null; then
    curl -fL --retry 3 -o "$part" "$url"
elif command -v wget >/dev/null; then
    wget -O "$part" "$url"
else
    echo "neither curl nor wget here; mend with: apt-get install curl" >&2
    exit 7
fi || {
    echo "$url: cannot be downloaded" >&2
    exit 1
}
sum=$(md5sum "$part" | cut -d' ' -f1)
if [ "$sum" != "$md5" ]; then
    echo "$url: expected md5 $md5, found $sum" >&2
    exit 3
fi
tar -xzf "$part" -C "$dir"
