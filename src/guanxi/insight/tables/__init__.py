"""The shapes: name, grain and columns of every table on the way from the extracts to the screen.

A step keeps its promise when its rows have exactly these columns and types and one row per grain. Money is
DECIMAL(18,2) in the bank's base currency unless a column says otherwise; `month` is the first day of the month.
One file per family of tables; a new file is named here.
"""

from guanxi.insight.tables.behaviour import BEHAVIOUR
from guanxi.insight.tables.care import CARE
from guanxi.insight.tables.contacts import CONTACTS
from guanxi.insight.tables.core import CORE
from guanxi.insight.tables.credit import CREDIT
from guanxi.insight.tables.effects import EFFECTS
from guanxi.insight.tables.features import FEATURES
from guanxi.insight.tables.foresight import FORESIGHT
from guanxi.insight.tables.identity import IDENTITY
from guanxi.insight.tables.needs import NEEDS
from guanxi.insight.tables.ops import OPS
from guanxi.insight.tables.relationship import RELATIONSHIP
from guanxi.insight.tables.reports import REPORTS
from guanxi.insight.tables.scores import SCORES
from guanxi.insight.tables.segments import SEGMENTS
from guanxi.insight.tables.shape import FAMILY_WORDS, Table
from guanxi.insight.tables.staged import DATED_FILES, QUALITY, STAGED
from guanxi.insight.tables.worth import WORTH

__all__ = ["DATED_FILES", "FAMILY_WORDS", "TABLES", "Table"]

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        *STAGED,
        *QUALITY,
        *OPS,
        *IDENTITY,
        *CORE,
        *FEATURES,
        *SCORES,
        *FORESIGHT,
        *SEGMENTS,
        *REPORTS,
        *WORTH,
        *NEEDS,
        *CONTACTS,
        *BEHAVIOUR,
        *CARE,
        *CREDIT,
        *RELATIONSHIP,
        *EFFECTS,
    )
}
