"""What makes a Spark cheap that lives two minutes over tiny rows: compiling such plans costs more than running them.

Compiled plans are what a bank's night runs: `make test` puts every expression through them (test_numbers.py), `make
faults` a whole night (test_night.py).
"""

from __future__ import annotations

# No second compiler, no threads that collect beside it.
SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
INTERPRETED = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
}
COMPILED = {
    "spark.sql.codegen.wholeStage": "true",
    "spark.sql.codegen.factoryMode": "FALLBACK",
    "spark.sql.adaptive.enabled": "true",
}
