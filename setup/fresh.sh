#!/bin/sh
# Proves the two commands on a bare machine: makes a Debian folder with python3, make and git alone, clones this
# repository's last commit into it, and runs there `make test`, `make demo` and `make demo` again.
#
# Needs root. Debian's suite and mirror are this machine's own; settings of the network come with the environment:
# proxies, PIP_*, UV_*, npm's, and the certificates that SSL_CERT_FILE or PIP_CERT name.
# FRESH_KEEP=1 keeps the folder; FRESH_STEPS="test demo again" chooses the steps.
set -eu
cd "$(dirname "$0")/.."
steps=${FRESH_STEPS:-test demo again}

if [ "${1:-}" != inside ]; then
    if [ "$(id -u)" != 0 ]; then
        echo "fresh: needs root, for debootstrap and chroot: sudo make fresh" >&2
        exit 1
    fi
    command -v debootstrap >/dev/null || apt-get install -qq --yes debootstrap >/dev/null || {
        echo "fresh: please run this line and start again: sudo apt-get install debootstrap" >&2
        exit 1
    }
    folder=$(mktemp -d /var/tmp/guanxi-fresh.XXXXXX)
    # Debian's apt reads its lists as a user of its own.
    chmod 755 "$folder"
    finish() {
        if [ "${FRESH_KEEP:-}" = 1 ]; then echo "fresh: kept $folder"; else rm -rf --one-file-system "$folder"; fi
    }
    trap finish EXIT
    # Mounts and processes of the bare machine live in namespaces of their own and end with them, so that the
    # folder can be removed whatever a failed step left running.
    unshare --mount --pid --fork --kill-child "$0" inside "$folder"
    exit
fi

folder=$2
began=$(date +%s)
seconds() { echo "fresh: $1 $(($(date +%s) - began)) s"; began=$(date +%s); }

suite=${FRESH_SUITE:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
mirror=${FRESH_MIRROR:-$(apt-get indextargets --format '$(CODENAME) $(SITE)' 'Created-By: Packages' |
    awk -v suite="$suite" '$1 == suite { print $2; exit }')}
debootstrap --variant=minbase --include=python3,make,git "$suite" "$folder" ${mirror:+"$mirror"} >"$folder.log" 2>&1 || {
    tail -n 20 "$folder.log" >&2
    exit 1
}
rm -f "$folder.log"
seconds "bare Debian $suite"

mount -t proc proc "$folder/proc"
mount -t tmpfs tmpfs "$folder/dev"
mkdir "$folder/dev/shm" "$folder/dev/pts"
for device in null zero full random urandom tty; do
    touch "$folder/dev/$device"
    mount --bind "/dev/$device" "$folder/dev/$device"
done
ln -s /proc/self/fd "$folder/dev/fd"
cp --dereference /etc/resolv.conf "$folder/etc/resolv.conf"
echo "127.0.0.1 localhost" >"$folder/etc/hosts"
git clone --quiet --no-hardlinks . "$folder/root/guanxi"

# Only what concerns the network comes along; everything else is as bare as the folder.
set -- PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
for name in $(env | sed -nE 's/^((PIP|UV|NPM_CONFIG|npm_config)_[A-Za-z_]+|https?_proxy|HTTPS?_PROXY|no_proxy|NO_PROXY)=.*/\1/p'); do
    set -- "$@" "$name=$(printenv "$name")"
done
certificate=${SSL_CERT_FILE:-${PIP_CERT:-}}
if [ -n "$certificate" ]; then
    cp --dereference "$certificate" "$folder/etc/fresh-certificates.crt"
    for name in SSL_CERT_FILE PIP_CERT NODE_EXTRA_CA_CERTS; do
        set -- "$@" "$name=/etc/fresh-certificates.crt"
    done
fi
inside() { chroot "$folder" env -i "$@" sh -c "cd /root/guanxi && $command"; }

for step in $steps; do
    case $step in
    test) command="make test" ;;
    demo) command="make demo ARGS=--stop-when-ready" ;;
    again) command="make demo ARGS=--stop-when-ready" ;;
    *) echo "fresh: no step $step" >&2; exit 1 ;;
    esac
    inside "$@" || { echo "fresh: failed: $command" >&2; exit 1; }
    seconds "$command ($step)"
done
