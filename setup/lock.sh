#!/bin/sh
# Writes the lock files anew from pyproject.toml (docs/decisions/0001-lock-file-without-hosts.md).
# Versions already locked stay; `setup/lock.sh --upgrade` moves them.
set -eu
cd "$(dirname "$0")/.."
upgrade=${1:-}
compile() {
    # shellcheck disable=SC2086  # empty means no option
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header $upgrade "$@"
}
# What a bank's server runs.
compile pyproject.toml --output-file requirements.lock
# What turns a clone into a working tree, beside the first.
compile --group setup --constraint requirements.lock --output-file requirements-setup.lock
# Both, and what tests and checks need.
compile pyproject.toml --group setup --group dev --constraint requirements.lock --constraint requirements-setup.lock \
    --output-file requirements-dev.lock
# The installer that pip brings into a new .venv.
grep --extended-regexp --after-context=40 '^uv==' requirements-setup.lock | awk 'NR > 1 && /^[a-z]/ { exit } /^ +#/ { next } { print }' \
    > requirements-uv.lock
if grep --line-number --extended-regexp '://' requirements*.lock; then
    echo "A lock file names a host: see docs/decisions/0001-lock-file-without-hosts.md" >&2
    exit 1
fi
