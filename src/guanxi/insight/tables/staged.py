"""The bank's files as they stand after the door, shaped by the input contract, and what was found wrong with them."""

from guanxi.insight.staging.contract import FILES, staged_columns, staged_key
from guanxi.insight.tables.shape import Table, table

DATED_FILES = (
    "balances",
    "transactions",
    "channel_events",
    "service_events",
)  # staged by month of `day`, and kept from run to run
STAGED: tuple[Table, ...] = tuple(
    Table(f"staged.{file.name}", staged_key(file), staged_columns(file), file.name in DATED_FILES, file.about)
    for file in FILES
)

QUALITY: tuple[Table, ...] = (
    table(
        "quality.violation",
        "extract file line column rule",
        "extract text; file text; line big; column text; rule text; severity text; value_masked text; detail text",
        "Values and rows that broke a quality rule (listed up to the policy's limit; the run's facts count them all). "
        "severity: refused (the row is in quarantine) or marked (let through).",
    ),
)
