"""What becomes of a file that was uploaded as a photo."""

import io
import struct
import zlib

import pytest
from PIL import Image

from services.photos.model import BadPhoto
from services.photos.picture import MAX_PIXELS, read_photo

SECRET = b"<script>alert(1)</script>"
ORIENTATION, GPS = 0x0112, 0x8825


def a_file(kind: str = "JPEG", size: tuple[int, int] = (1200, 900), **saved: object) -> bytes:
    picture = Image.new("RGB", size, "red")
    picture.paste("blue", (0, 0, size[0] // 2, size[1]))
    written = io.BytesIO()
    picture.save(written, kind, **saved)
    return written.getvalue()


def shown(jpeg: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(jpeg))
    picture.load()
    return picture


def colour(picture: Image.Image, x: int, y: int) -> str:
    pixel = picture.getpixel((x, y))
    assert isinstance(pixel, tuple)
    return ("red", "green", "blue")[max(range(3), key=pixel.__getitem__)]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_becomes_two_jpegs_of_fixed_sizes(kind: str) -> None:
    made = read_photo(a_file(kind))
    large, small = shown(made.large), shown(made.small)
    assert (large.format, large.size, small.format, small.size) == ("JPEG", (640, 480), "JPEG", (160, 160))


def test_a_small_picture_is_not_blown_up() -> None:
    assert shown(read_photo(a_file(size=(60, 80))).large).size == (60, 80)


def test_the_same_picture_has_the_same_digest_and_another_another() -> None:
    assert read_photo(a_file()).digest == read_photo(a_file()).digest
    assert read_photo(a_file()).digest != read_photo(a_file(size=(900, 900))).digest


def test_a_picture_taken_sideways_is_shown_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # the camera was held upright: to be turned by 90° clockwise
    large = shown(read_photo(a_file(exif=exif)).large)
    assert large.size == (480, 640)
    assert (colour(large, 240, 60), colour(large, 240, 580)) == ("blue", "red")


def test_where_and_with_what_it_was_taken_is_not_kept() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Yian Phone"
    exif.get_ifd(GPS)[1] = "N"
    file = a_file(exif=exif, comment=SECRET, icc_profile=b"profile of somebody" * 10)
    assert SECRET in file
    made = read_photo(file)
    for jpeg in (made.large, made.small):
        assert not shown(jpeg).getexif()
        assert "icc_profile" not in shown(jpeg).info
        assert SECRET not in jpeg
        assert b"Yian Phone" not in jpeg


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_of_a_picture_that_is_something_else_as_well_only_the_picture_is_kept(kind: str) -> None:
    made = read_photo(a_file(kind) + b"PK\x03\x04<html>" + SECRET)
    assert SECRET not in made.large + made.small


def test_what_is_transparent_is_white() -> None:
    picture = Image.new("RGBA", (50, 50), (0, 0, 0, 0))
    written = io.BytesIO()
    picture.save(written, "PNG")
    assert shown(read_photo(written.getvalue()).large).getpixel((25, 25)) == (255, 255, 255)


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"{}",
        SECRET,
        b"<!DOCTYPE html><html><body>" + SECRET,
        b'<svg xmlns="http://www.w3.org/2000/svg">' + SECRET + b"</svg>",
        b"%PDF-1.7\n" + SECRET,
        b"GIF89a" + SECRET,
        a_file("GIF"),
        a_file("BMP"),
        a_file("TIFF"),
        SECRET + a_file(),
    ],
    ids=["empty", "json", "script", "html", "svg", "pdf", "gif stub", "gif", "bmp", "tiff", "script before a jpeg"],
)
def test_what_is_no_photo_is_refused_in_a_sentence(file: bytes) -> None:
    with pytest.raises(BadPhoto, match="a photo is a JPEG, PNG or WebP file"):
        read_photo(file)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_damaged_file_is_refused_in_a_sentence(kind: str) -> None:
    file = a_file(kind, size=(300, 300))
    for end in range(4, len(file) - 20, max(1, len(file) // 25)):
        with pytest.raises(BadPhoto):
            read_photo(file[:end])


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    size = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", size), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    bomb = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    with pytest.raises(BadPhoto, match="million pixels"):
        read_photo(bomb)


def test_the_bound_on_pixels_lets_a_phone_through() -> None:
    assert MAX_PIXELS >= 4032 * 3024
