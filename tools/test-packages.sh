#!/bin/sh
# The distribution's packages that the tests use: a browser, the databases, SIP load tools, a speech synthesiser.
set -eu
say() { printf '%s\n' "callwright: $*" >&2; }
missing=""
need() { # need PACKAGE COMMAND...: one of the commands must be there
    package=$1
    shift
    for command in "$@"; do
        if command -v "$command" >/dev/null 2>&1 || ls $command >/dev/null 2>&1; then return 0; fi
    done
    missing="$missing $package"
}
need chromium chromium chromium-browser google-chrome
need redis-server redis-server
need postgresql postgres '/usr/lib/postgresql/*/bin/postgres'
need sip-tester sipp
need espeak-ng espeak-ng
need fonts-noto-cjk '/usr/share/fonts/opentype/noto/NotoSansCJK*'
[ -z "$missing" ] && exit 0
if ! command -v apt-get >/dev/null; then
    say "the tests need these packages, and there is no apt here to install them:$missing"
    exit 2
fi
if [ "$(id -u)" = 0 ]; then
    root=""
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    root="sudo -n"
else
    say "the tests need these packages; as root: apt-get install$missing"
    exit 2
fi
say "installing what the tests need:$missing"
$root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends $missing >/dev/null
say "the test packages are installed"
