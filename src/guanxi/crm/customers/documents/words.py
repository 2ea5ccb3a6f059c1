"""What the pages of documents say: why a file is not taken, and by when a document is kept."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from guanxi.crm.customers.documents.checks import KB
from guanxi.insight.policies.archive import FORMATS, ArchivePolicy, DocumentKind

REFUSED: Mapping[str, Promise] = {
    "empty": _("The file is empty."),
    "size": _("The file is larger than %(size)s, the most for this kind of document."),
    "kind": _("The file is none of: %(formats)s. It is told by its content, not by its name."),
    "pixels": _("The picture has more than %(pixels)s million pixels. Photograph it smaller or scan it."),
    "damaged": _("The file is damaged or cut off and cannot be read."),
    "active": _("The PDF holds scripts or other files. Print it to PDF anew, or scan it."),
    "locked": _("The PDF is locked with a password. Hand it in without one."),
    "mixed": _("The file is a PDF and something else at the same time, and is not kept."),
    "heavy": _("The PDF unpacks to far more than its size. Scan it anew."),
}
BY_WEIGHT: Mapping[str, tuple[Promise, str]] = {
    "standing": (_("on file"), "green"),
    "soon": (_("ends soon"), "amber"),
    "over": (_("has ended"), "red"),
}


def language() -> str:
    """The reader's language as policies speak it: zh or en."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def size_in_words(size: int) -> str:
    """4 MB, 380 KB."""
    return f"{size / KB / KB:.1f} MB".replace(".0 ", " ") if size >= KB * KB else f"{max(size // KB, 1)} KB"


def formats_in_words(kind: DocumentKind) -> str:
    """PDF、JPG、PNG."""
    return ("、" if language() == "zh" else ", ").join(FORMATS[name] for name in kind.formats)


def why_refused(code: str, kind: DocumentKind, policy: ArchivePolicy) -> str:
    """Why a file was not taken."""
    told = {
        "size": size_in_words(kind.largest_kb * KB),
        "formats": formats_in_words(kind),
        "pixels": policy.document_megapixels,
    }
    return str(REFUSED[code]) % told
