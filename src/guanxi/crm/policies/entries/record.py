"""Entries of the policies of the archive and of protection: documents, whole records, processors."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

RECORD: Mapping[str, Promise] = {
    "documents": _("Kinds of archive documents"),
    "document": _("Kind of archive document"),
    "opened_by": _("Opened by"),
    "brought_by": _("Handed in by"),
    "ends": _("Has a last day"),
    "kept_years": _("Years kept after its use"),
    "largest_kb": _("Largest size in KB"),
    "formats": _("Formats"),
    "identifies": _("Says who the customer is"),
    "weighed_facts": _("What a whole record has"),
    "fact": _("Item of the record"),
    "asked_by": _("Who may ask"),
    "how_zh": _("How to ask, in Chinese"),
    "how_en": _("How to ask, in English"),
    "hint_days": _("Documents that end are spoken of before"),
    "document_megapixels": _("Most megapixels of a picture"),
    # protection
    "home_country": _("The bank's country"),
    "contract_notice_days": _("Contracts that end are spoken of before"),
    "supervision_months": _("Processors are supervised every"),
    "assessed": _("Begins only with an impact assessment"),
    "assessment_months": _("An impact assessment counts for"),
    "assessment_years": _("Impact assessments are kept, in years"),
    "document_edge": _("Pictures are kept at most so wide, in pixels"),
    # compliance
    "request_days": _("Requests about personal information are answered within"),
    "request_workdays": _("These are working days"),
    "request_alerts": _("Alerts at percent of the way to the last day"),
    "file_days": _("A file made for a customer waits"),
    "incident_grades": _("Grades of incidents"),
    "report_minutes": _("Reported within, in minutes"),
    "pack_days": _("The audit pack looks back"),
}
