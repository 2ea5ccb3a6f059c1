"""Pictures handed in: what is kept has no tags, no second file behind it, and no more pixels than are wanted."""

from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from guanxi.web import photos
from guanxi.web.pdf import pdf_bytes

RULE = {"kinds": ("jpeg", "png"), "most_bytes": 400_000, "most_pixels": 1_000_000, "longest_edge": 200}
PLACE = {1: "N", 2: (30.0, 16.0, 0.0), 3: "E", 4: (120.0, 9.0, 0.0)}


def picture(
    kind="JPEG", size=(600, 400), mode="RGB", colour: object = "red", *, tagged=False, turned=1
) -> bytes:
    out = BytesIO()
    tags = Image.Exif()
    tags[0x0112] = turned
    if tagged:
        tags[0x010F] = "SecretCam"
        tags[0x8825] = PLACE
    Image.new(mode, size, colour).save(out, kind, exif=tags)
    return out.getvalue()


def refused(content: bytes, **more: object) -> str:
    with pytest.raises(photos.PhotoRefused) as error:
        photos.taken(content, **RULE | more)  # type: ignore[arg-type]
    return error.value.code


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_place_and_camera_are_gone_and_so_is_what_was_hidden_behind_the_picture(kind) -> None:
    sent = picture(kind, tagged=True) + b"<script>alert(1)</script>PK\x03\x04"
    assert b"SecretCam" in sent
    kept = photos.taken(sent, **RULE)
    for content in (kept.content, kept.small):
        assert not Image.open(BytesIO(content)).getexif()
        assert photos.kind_of(content) == "jpeg"
        assert not any(word in content for word in (b"SecretCam", b"script", b"Exif", b"PK\x03\x04"))


def test_a_picture_held_sideways_is_kept_upright_and_small_enough() -> None:
    kept = photos.taken(picture(turned=6), **RULE)
    assert (kept.width, kept.height) == (133, 200)
    assert Image.open(BytesIO(photos.taken(picture(), **RULE | {"longest_edge": 600}).small)).size == (
        320,
        213,
    )


def test_the_same_file_is_the_same_picture_and_another_is_another() -> None:
    same = {photos.taken(picture(tagged=tagged), **RULE).sha256 for tagged in (False, True)}
    assert len(same) == 1
    assert photos.taken(picture(colour="blue"), **RULE).sha256 not in same


def test_what_is_transparent_becomes_white() -> None:
    kept = photos.taken(picture("PNG", mode="RGBA", colour=(0, 0, 0, 0)), **RULE)
    assert Image.open(BytesIO(kept.content)).getpixel((5, 5)) == (255, 255, 255)


def test_a_file_that_is_no_picture_says_why() -> None:
    assert refused(b"") == "empty"
    assert refused(b"%PDF-1.7 rest") == "kind"
    assert refused(picture("GIF")) == "kind"
    assert refused(picture("PNG"), kinds=("jpeg",)) == "kind"
    assert refused(picture(), most_bytes=100) == "size"
    assert refused(picture(size=(1001, 1000))) == "pixels"
    assert refused(picture("PNG", size=(1001, 1000))) == "pixels"
    assert refused(picture()[:300]) == "damaged"


@settings(max_examples=60)
@given(st.sampled_from(["JPEG", "PNG"]), st.integers(0, 2000), st.binary(min_size=1, max_size=8))
def test_any_damage_is_either_survived_or_refused(kind, at, noise) -> None:
    whole = picture(kind, size=(60, 40))
    at = 8 + at % (len(whole) - 8)
    with suppress(photos.PhotoRefused):  # any other error fails
        kept = photos.taken(whole[:at] + noise + whole[at + len(noise) :], **RULE)
        assert photos.kind_of(kept.content) == "jpeg"


def test_a_cut_off_picture_is_refused_after_a_sheet_was_printed_too(monkeypatch) -> None:
    """The engine of the sheets lets all pictures of a process be cut off, until `web.pdf` takes that back."""
    monkeypatch.setattr("PIL.ImageFile.LOAD_TRUNCATED_IMAGES", True)
    monkeypatch.setattr("guanxi.web.pdf.render_to_string", lambda *_told: "<p>x")
    pdf_bytes("", {})
    assert refused(picture("PNG")[:-30]) == "damaged"
