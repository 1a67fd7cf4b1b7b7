#!/bin/sh
# What `make test` needs from the machine, beside Python: real servers, a browser, a font with Chinese characters.
# As root on Debian or Ubuntu it is installed from the distribution's packages; elsewhere what is missing is named,
# and the tests that need it are skipped (they fail where CI=true).
set -eu

missing=""
need() { # need PROGRAM PACKAGE
    command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || missing="$missing $2"
}
need mosquitto mosquitto
need cc "gcc libc6-dev"
need java default-jre-headless
need mvn maven
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || missing="$missing chromium"
if command -v fc-list >/dev/null 2>&1; then
    fc-list :lang=zh | grep -q . || missing="$missing fonts-noto-cjk"
else
    missing="$missing fontconfig fonts-noto-cjk"
fi

[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "For the tests with real servers, install:$missing"
    exit 0
fi

echo "  Machine: installing$missing"
# The tests start their own Mosquitto: the package's service must neither start nor hold the port.
fence=/usr/sbin/policy-rc.d
if [ ! -e "$fence" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$fence"
    chmod +x "$fence"
    trap 'rm -f "$fence"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
# shellcheck disable=SC2086 # a list of words
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -5 "$log" >&2
    echo "apt-get could not install:$missing (see $log)" >&2
    exit 1
fi
rm -f "$log"
