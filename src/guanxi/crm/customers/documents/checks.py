"""A file that somebody hands in, made into what is kept: told by its bytes, never by its name."""

from dataclasses import dataclass
from hashlib import sha256

from guanxi.insight.policies.archive import ArchivePolicy, DocumentKind
from guanxi.web import papers, photos

KB = 1_024


class FileRefused(ValueError):
    """A file that is not kept; `code` says why."""

    def __init__(self, code: str) -> None:
        """Say why by code; the words are in `words`."""
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Paper:
    """What is kept: a PDF as it was sent, or a picture written anew."""

    content: bytes
    mime: str
    sha256: str


def paper_from(content: bytes, kind: DocumentKind, policy: ArchivePolicy) -> Paper:
    """The paper to keep of what was sent; FileRefused with why it is not taken.

    A picture is decoded and written anew, without the tags of a camera and without what hides behind its last byte.
    """
    most = kind.largest_kb * KB
    if not content:
        raise FileRefused("empty")
    if len(content) > most:
        raise FileRefused("size")
    try:
        if "pdf" in kind.formats and content.startswith(papers.SIGNATURES):
            papers.looked_through(content)
            return Paper(content, papers.MIME, sha256(content).hexdigest())
        pictures = [name for name in kind.formats if name in photos.SIGNATURES]
        taken = photos.taken(
            content, kinds=pictures, most_bytes=most, most_pixels=policy.document_megapixels * 1_000_000,
            longest_edge=policy.document_edge,
        )  # fmt: skip
    except (papers.PaperRefused, photos.PhotoRefused) as error:
        raise FileRefused(error.code) from error
    return Paper(taken.content, photos.MIME, taken.sha256)
