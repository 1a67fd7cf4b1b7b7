"""Pictures of the demo city's workers: drawn, of nobody."""

import io
from random import Random

from PIL import Image, ImageDraw

from services.people import Sex

SIDE = 640
_GROUNDS = ((205, 228, 226), (226, 221, 240), (244, 228, 205), (214, 229, 246), (232, 239, 213))
_SKINS = ((244, 208, 176), (236, 192, 156), (224, 178, 140))
_HAIRS = ((38, 34, 34), (62, 46, 38), (94, 90, 92))
_COATS = ((22, 122, 116), (52, 96, 150), (150, 84, 66), (92, 110, 66))
_INK = (58, 44, 40)


def drawn_face(name: str, sex: Sex) -> bytes:
    """A PNG; the same for the same name."""
    random = Random(f"face of {name}")
    picture = Image.new("RGB", (SIDE, SIDE), random.choice(_GROUNDS))
    draw = ImageDraw.Draw(picture)
    skin, hair = random.choice(_SKINS), random.choice(_HAIRS)
    if sex == "female":
        draw.rounded_rectangle((188, 120, 452, 470), radius=130, fill=hair)
    draw.ellipse((110, 470, 530, 900), fill=random.choice(_COATS))
    draw.rounded_rectangle((276, 400, 364, 520), radius=40, fill=skin)
    draw.polygon(((262, 482), (320, 560), (378, 482)), fill=(250, 250, 248))
    draw.ellipse((214, 150, 426, 436), fill=skin)
    draw.pieslice((204, 128, 436, 380), 180, 360, fill=hair)
    draw.ellipse((232, 206, 408, 310) if sex == "male" else (250, 196, 404, 300), fill=skin)
    _look(draw, smile=random.choice((18, 24, 30)), glasses=random.random() < 0.3)
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def _look(draw: ImageDraw.ImageDraw, *, smile: int, glasses: bool) -> None:
    for x in (276, 364):
        draw.ellipse((x - 9, 286, x + 9, 304), fill=_INK)
        draw.arc((x - 24, 256, x + 24, 290), 205, 335, fill=_INK, width=5)
        if glasses:
            draw.ellipse((x - 32, 264, x + 32, 328), outline=_INK, width=5)
    if glasses:
        draw.line((308, 296, 332, 296), fill=_INK, width=5)
    draw.arc((320 - 44, 356 - smile, 320 + 44, 372 + smile), 25, 155, fill=(150, 70, 62), width=7)
