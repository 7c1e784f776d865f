#!/bin/sh
# Makes .venv from requirements.lock. Needs only python3 (3.11 or newer) and, where python3 has no pip of its
# own, apt (no root: the pip wheel is downloaded and used from a folder of ours).
set -eu
cd "$(dirname "$0")/.."
say() { printf '%s\n' "callwright: $*" >&2; }
PYTHON=${PYTHON:-python3}
stamp=.venv/.callwright-stamp
want=$(cat requirements.lock pyproject.toml tools/uv.txt | cksum)
if [ -x .venv/bin/callwright ] && [ "$(cat $stamp 2>/dev/null)" = "$want" ]; then exit 0; fi
if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    say "Python 3.11 or newer is needed; '$PYTHON' is $("$PYTHON" --version 2>&1 || echo missing). Set PYTHON=/path/to/python3.11."
    exit 2
fi
uv=.tools/uv/bin/uv
if ! [ -x "$uv" ] || ! grep -q "uv==$("$uv" --version | cut -d' ' -f2) " tools/uv.txt; then
    say "fetching uv, the installer of our Python packages"
    mkdir -p .tools
    if "$PYTHON" -m pip --version >/dev/null 2>&1; then
        pip="$PYTHON -m pip"
    else
        if ! command -v apt-get >/dev/null; then
            say "python3 has no pip here. Install it (python3-pip) and run this again."
            exit 2
        fi
        say "python3 has no pip: fetching one with apt (not installing it)"
        mkdir -p .tools/pip
        (cd .tools/pip && { apt-get download -qq python3-pip-whl 2>/dev/null ||
            { { [ "$(id -u)" = 0 ] && apt-get update -qq || sudo -n apt-get update -qq; } &&
                apt-get download -qq python3-pip-whl; }; }) || {
            say "apt could not fetch python3-pip-whl. Install python3-pip or python3-venv and run this again."
            exit 2
        }
        dpkg-deb -x .tools/pip/python3-pip-whl_*.deb .tools/pip
        pip="$PYTHON $(ls .tools/pip/usr/share/python-wheels/pip-*.whl | tail -n 1)/pip"
    fi
    rm -rf .tools/uv
    $pip install --quiet --disable-pip-version-check --no-warn-script-location --root-user-action=ignore \
        --require-hashes --no-deps --target .tools/uv -r tools/uv.txt 2>.tools/pip.log || {
        cat .tools/pip.log >&2
        say "fetching uv failed; is a Python package registry reachable from here?"
        exit 1
    }
fi
say "making the Python environment in .venv"
export UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy
[ -x .venv/bin/python ] || "$uv" venv --quiet --python "$PYTHON" .venv
"$uv" pip sync --quiet --require-hashes --python .venv/bin/python requirements.lock
"$uv" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e .
printf '%s\n' "$want" >$stamp
say "the Python environment is ready"
