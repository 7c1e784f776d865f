#!/bin/sh
# The distribution's packages that the tests use: a browser, the databases, SIP load tools, a speech synthesiser.
set -eu
cd "$(dirname "$0")/.."
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
is_ubuntu() {
    (. "${OS_RELEASE:-/etc/os-release}" && case " $ID ${ID_LIKE:-} " in *" ubuntu "*) ;; *) false ;; esac) 2>/dev/null
}
apt_has_chromium() { # Ubuntu's own is, where there is one, a stub that fetches a snap
    known=$(apt-cache show chromium 2>/dev/null) && [ -n "$known" ] &&
        ! printf '%s\n' "$known" | grep -qi '^\(pre-\)\{0,1\}depends:.*snapd'
}
need redis-server redis-server
need postgresql postgres '/usr/lib/postgresql/*/bin/postgres'
need sip-tester sipp
need espeak-ng espeak-ng
need fonts-noto-cjk '/usr/share/fonts/opentype/noto/NotoSansCJK*'
fetch=""
if ! .venv/bin/python -m tests.support.browser; then
    if is_ubuntu && ! apt_has_chromium; then
        fetch=".venv/bin/playwright install --with-deps chromium"
    else
        missing="$missing chromium"
    fi
fi
[ -z "$missing$fetch" ] && exit 0
by_hand="${missing:+as root: apt-get install$missing}${missing:+${fetch:+; then: }}$fetch"
if ! command -v apt-get >/dev/null; then
    say "the tests need these packages, and there is no apt here to install them:$missing"
    exit 2
fi
if [ "$(id -u)" = 0 ]; then
    root=""
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    root="sudo -n"
else
    say "the tests need more than is here; $by_hand"
    exit 2
fi
if [ -n "$missing" ]; then
    say "installing what the tests need:$missing"
    $root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi
if [ -n "$fetch" ]; then
    say "apt has no Chromium here that tests can use (a snap sees none of their files): fetching Playwright's own"
    $fetch >&2 || {
        say "that failed. Install Google Chrome's package (google-chrome-stable) and run this again."
        exit 1
    }
fi
say "the test packages are installed"
