#!/bin/sh
# Stops the embedded servers of this working tree and removes all that set-up, demo and tests made.
set -eu
cd "$(dirname "$0")/.."
if [ -x .venv/bin/python ]; then
    .venv/bin/python - <<'END' || echo "clean: the embedded servers could not be removed" >&2
from pathlib import Path
from guanxi.project.database import home_folder
from guanxi.project.embedded import locate
locate(home_folder({})).remove()
locate(Path("var/tests"), name="tests").remove()
END
fi
rm -rf .venv node_modules src/guanxi/web/static/vendor var dist build \
    .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
find src tests setup -name __pycache__ -prune -exec rm -rf {} +
find src -name '*.mo' -delete
