"""What both pages of figures say about running one part."""

from __future__ import annotations

MONTH = """\
## How to run one part

`make bench` measures every part; `make bench ARGS="--only core web --times 1 --page var/page.md"` these alone, into a
page of its own: without `--page` this page is written anew with the parts asked for. The bank is made once, under
`var/bench-<customers>-<months>` or `--home`, and taken as it stands after that: when a policy or a step has changed,
take a new `--home`. Small and quick: `--customers 3000 --months 14`.

| part | measures | stands on |
|---|---|---|
| `core` | steps, hand-written script and pandas over the last month; figures compared | the lake |
| `load` | rows read and checked, three ways | the delivery |
| `publish` | into an empty store, again, a tenth changed | the lake |
| `web` | pages of a person signed in | the store; publishes where nothing is published |
| `today` | the day's list at `--rate` pages a second for `--seconds` | as `web`; runs the night's opening |
| `segments` | counts at the bank's size and at 17 million rows | the lake |
| `engines` | the month on DuckDB and on Spark (needs Java 17) | the lake |
| `lab` | a tier draft, one month and twelve | the lake |

By themselves, each with `--help`: `python -m bench.identity` (persons linked), `bench.behaviour` (events taken in, by
a bank that has customers), `bench.channels` (the SMPP client), `bench.messages` (a million messages), `bench.foresight`
(the scorer), `bench.lab`; and `make bench-scale` ([17 million customers](benchmarks-scale.md)).
"""

SCALE = """\
## How to run one part

`make bench-scale ARGS="--only segments lab --page var/page.md"` measures these alone, into a page of its own: without
`--page` this page is written anew with the parts asked for. Copies are kept in the home folder of `make bench`.

| part | measures | needs |
|---|---|---|
| `core` | one closed month over the copies, beside one copy and a hand-written script | `--copies` |
| `nights` | the night after beside a rebuild of all history, at the bank's own size | the lake |
| `segments` | counts at the bank's size and at 17 million rows | `--rows` in place of 17 million |
| `lab` | a tier draft over the copies, one month and twelve | `--copies` |
| `foresight` | the scorer of leaving on 4 million made-up rows | `--rows` in place of 4 million |
| `engines` | the month on DuckDB and on Spark, at the bank's own size | Java 17 |

Small and quick, to see that all run: `--customers 3000 --months 14 --copies 2 --rows 40000 --home DIR`.
"""
