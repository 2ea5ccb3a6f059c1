"""Papers that the made-up bank has on file, drawn by rule: a copy of a card, a licence, one page of text as PDF."""

import random
from io import BytesIO

from PIL import Image, ImageDraw

WIDE, HIGH = 1000, 630


def card_copy(seed: str) -> bytes:
    """A copy of a card as a PNG file: a portrait, lines where the words stand, a stripe across; nobody's card."""
    chance = random.Random(f"card {seed}")  # noqa: S311  # a made-up bank, the same each time
    picture = Image.new("RGB", (WIDE, HIGH), "#f4f2ec")
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((30, 30, WIDE - 30, HIGH - 30), 36, fill="#e3ecf2", outline="#9fb2bf", width=4)
    pen.rectangle((700, 110, 920, 400), fill="#cfd8dd")
    pen.ellipse((755, 150, 865, 270), fill="#8b98a1")
    pen.pieslice((725, 280, 895, 470), 180, 360, fill="#8b98a1")
    for number in range(5):
        pen.rectangle(
            (90, 110 + number * 62, 90 + chance.randint(220, 520), 136 + number * 62), fill="#7d8d98"
        )
    pen.rectangle((90, 500, 90 + chance.randint(520, 640), 532), fill="#5c6a73")
    pen.line((60, HIGH - 90, WIDE - 60, 90), fill="#c9d6de", width=26)
    return _png(picture)


def licence_copy(seed: str) -> bytes:
    """A copy of a licence as a PNG file: a frame, a round seal, lines where the words stand."""
    chance = random.Random(f"licence {seed}")  # noqa: S311
    picture = Image.new("RGB", (WIDE, 1400), "#fbf8ef")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((40, 40, WIDE - 40, 1360), outline="#b08d3f", width=14)
    pen.rectangle((300, 140, 700, 200), fill="#5b4a1f")
    for number in range(9):
        pen.rectangle(
            (150, 320 + number * 84, 150 + chance.randint(300, 660), 346 + number * 84), fill="#8a8271"
        )
    pen.ellipse((640, 1080, 860, 1300), outline="#b3261e", width=12)
    return _png(picture)


def text_page(title: str, number: int) -> bytes:
    """One page of plain text as a PDF file; `title` in Latin letters."""
    lines = [title, f"No. DEMO-{number:06d}", "", "Made up for the demonstration; says nothing of anybody."]
    shown = b" T* ".join(f"({line}) Tj".encode() for line in lines)
    drawn = b"BT /F1 14 Tf 72 760 Td 22 TL " + shown + b" ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    out, places = BytesIO(b""), []
    out.write(b"%PDF-1.7\n")
    for at, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (at, body))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table))
    return out.getvalue()


def _png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
