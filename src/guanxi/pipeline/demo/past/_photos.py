"""Photos that a visit of the made-up bank brings home: a shop front drawn by rule, another for each seed."""

import random
from io import BytesIO

from PIL import Image, ImageDraw

WIDE, HIGH = 960, 720
WALLS = ("#c9b79c", "#b7c3c9", "#d7cfc2", "#a9b5a0", "#cdbcb0")
SIGNS = ("#a8322a", "#24527a", "#3c6e47", "#8a5a1f")


def shop_front(seed: str) -> bytes:
    """A drawn shop front as a PNG file; the same seed gives the same bytes."""
    chance = random.Random(f"photo {seed}")  # noqa: S311  # a made-up bank, the same each time
    picture = Image.new("RGB", (WIDE, HIGH), "#cfe0ea")
    pen = ImageDraw.Draw(picture)
    left, right, top = chance.randint(40, 140), chance.randint(820, 920), chance.randint(120, 200)
    ground = chance.randint(590, 630)
    pen.rectangle((0, ground, WIDE, HIGH), fill="#8f8f8a")
    pen.rectangle((left, top, right, ground), fill=chance.choice(WALLS))
    pen.rectangle((left, top + 40, right, top + 130), fill=chance.choice(SIGNS))
    for number in range(chance.randint(3, 5)):
        at = left + 60 + number * 110
        pen.rectangle((at, top + 62, at + 56, top + 108), fill="#f4e9c8")
    door = chance.randint(left + 80, right - 220)
    pen.rectangle((door, top + 180, door + 130, ground), fill="#4a3b30")
    for at in range(left + 40, right - 130, 170):
        if abs(at - door) > 150:
            pen.rectangle((at, top + 190, at + 120, ground - 90), fill="#dfeaf0", outline="#6b6b66", width=6)
    pen.ellipse((chance.randint(0, 60), ground - 70, chance.randint(90, 130), ground + 10), fill="#5d7d4f")
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
