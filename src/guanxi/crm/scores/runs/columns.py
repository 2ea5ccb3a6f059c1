"""The columns of the tables of runs, in the reader's language."""

from django.utils.translation import gettext as _

from guanxi.crm.scores.runs import words
from guanxi.crm.scores.runs.pictures import Reconciled
from guanxi.web.lists import Column


def of_runs() -> list[Column]:
    """The list of runs."""
    return [
        Column("day", _("Business date"), "name"),
        Column("state", _("State")),
        Column("seconds", _("Seconds"), "number"),
        Column("read", _("Rows read"), "number"),
        Column("refused", _("Refused"), "number"),
        Column("marked", _("Marked"), "number"),
        Column("started", _("Started"), "moment"),
        Column("why", _("What to know")),
    ]


def of_reconciliation(reconciled: Reconciled | None) -> list[Column]:
    """Component and currency, then one column for each view."""
    views = reconciled.views if reconciled else ()
    return [
        Column("component", _("Component"), "name"),
        *(Column(view, str(words.VIEWS.get(view, view)), "money") for view in views),
    ]


def of_findings() -> list[Column]:
    """Quality rules that were broken."""
    return [
        Column("meaning", _("Finding"), "name"),
        Column("severity", _("What became of the rows")),
        Column("files", _("File")),
        Column("rows", _("Rows"), "number"),
    ]


def of_volumes() -> list[Column]:
    """Files whose number of rows changed beyond the policy."""
    return [
        Column("file", _("File"), "name"),
        Column("before", _("Rows before"), "number"),
        Column("now", _("Rows now"), "number"),
        Column("change", _("Change"), "percent"),
        Column("state", _("State")),
        Column("deeds", ""),
    ]


def of_inputs() -> list[Column]:
    """The bank's files."""
    return [
        Column("name", _("File"), "name"),
        Column("rows", _("Rows read"), "number"),
        Column("staged", _("Taken over"), "number"),
        Column("quarantined", _("In quarantine"), "number"),
        Column("duplicates", _("Older duplicates"), "number"),
        Column("sha256", _("Fingerprint"), help="SHA-256"),
    ]


def of_policies() -> list[Column]:
    """The policies a run was made with."""
    return [
        Column("kind", _("Policy"), "name"),
        Column("version", _("Version"), "number"),
        Column("since", _("Counts from"), "day"),
        Column("digest", _("Fingerprint"), help="SHA-256"),
    ]


def of_steps() -> list[Column]:
    """The steps of a stage."""
    return [
        Column("table", _("Step"), "name"),
        Column("rows", _("Rows"), "number"),
        Column("seconds", _("Seconds"), "decimal"),
    ]


def of_violations() -> list[Column]:
    """Rows that broke a rule."""
    return [
        Column("file", _("File"), "name"),
        Column("line", _("Line"), "number"),
        Column("column", _("Column")),
        Column("value", _("Value, masked where personal")),
        Column("detail", _("Compared with")),
        Column("severity", _("What became of the row")),
    ]
