"""From an uploaded file to a photo of ours: decoded, and made anew from the picture alone.

Nothing of the file itself is kept: no EXIF (it names the place), no comment, no profile, nothing hidden before or after
the picture. Its content decides what kind of file it is; its name and declared type are ignored.
"""

import io

from PIL import Image, ImageOps, UnidentifiedImageError

from services.photos.model import BadPhoto, Photo

MAX_PIXELS = 25_000_000
"""Enough for a phone's camera, and too little to fill the memory of the process."""
READ = ("JPEG", "PNG", "WEBP")
LARGE_PIXELS = 640
"""The longer side, at most."""
SMALL_PIXELS = 160
"""A square, cut out of the middle and slightly above it, where a face is."""
QUALITY = 85


def read_photo(file: bytes) -> Photo:
    """Takes up to a second of a processor. :raises BadPhoto:"""
    try:
        with Image.open(io.BytesIO(file), formats=READ) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise Image.DecompressionBombError
            picture = _upright(opened)
    except Image.DecompressionBombError:  # Pillow's own bound is higher; beyond it, it refuses to open the file
        raise BadPhoto(f"it has more than {MAX_PIXELS // 1_000_000} million pixels: make it smaller first") from None
    except UnidentifiedImageError:
        raise BadPhoto("it is no picture: a photo is a JPEG, PNG or WebP file") from None
    except Exception as error:  # whatever a broken or malicious file makes of the decoder
        raise BadPhoto("it is damaged: the picture in it cannot be read") from error
    large = ImageOps.contain(picture, (LARGE_PIXELS, LARGE_PIXELS)) if max(picture.size) > LARGE_PIXELS else picture
    small = ImageOps.fit(picture, (SMALL_PIXELS, SMALL_PIXELS), centering=(0.5, 0.4))
    return Photo(large=_jpeg(large), small=_jpeg(small))


def _upright(opened: Image.Image) -> Image.Image:
    """The picture as it was meant to be seen, on white where it is transparent, with nothing said beside it."""
    opened.draft("RGB", (2 * LARGE_PIXELS, 2 * LARGE_PIXELS))  # of a large JPEG only as much is decoded as is needed
    picture = ImageOps.exif_transpose(opened)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture)
    picture = picture.convert("RGB")
    picture.info.clear()
    return picture


def _jpeg(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=QUALITY, optimize=True)
    return written.getvalue()
