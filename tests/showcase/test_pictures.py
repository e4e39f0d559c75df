"""Uploaded pictures: by their bytes, upright, small, without metadata; hostile ones refused."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from govgrid.errors import Invalid
from govgrid.showcase.pictures import MOST_BYTES, SIDE, SMALL_SIDE, develop
from tests.showcase.site import photo


def shown(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_each_kind_becomes_two_jpegs(kind: str) -> None:
    made = develop(photo((2400, 1200), kind))
    large, small = shown(made.large), shown(made.small)
    assert (large.format, large.size, small.size) == (
        "JPEG", (SIDE, SIDE // 2), (SMALL_SIDE, SMALL_SIDE // 2),
    )  # fmt: skip
    assert (made.width, made.height) == large.size
    red, _green, blue = large.getpixel((10, 10))  # type: ignore[misc]  # three bands
    assert red > 200 > 60 > blue


def test_metadata_goes_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010F] = "SECRET-MAKER"
    exif.get_ifd(0x8825)[2] = (30.0, 40.0, 0.0)
    made = develop(photo((64, 48), exif=exif, comment=b"SECRET-COMMENT"))
    assert (made.width, made.height) == (48, 64)
    for data in (made.large, made.small):
        assert b"SECRET" not in data
        assert b"Exif" not in data
        assert dict(shown(data).getexif()) == {}
    red, _green, blue = shown(made.large).getpixel((24, 4))  # type: ignore[misc]  # three bands
    assert red > blue  # what was left is above


def test_transparency_becomes_white() -> None:
    stream = BytesIO()
    Image.new("RGBA", (32, 32), (255, 0, 0, 0)).save(stream, "PNG")
    assert shown(develop(stream.getvalue()).large).getpixel((5, 5)) == (255, 255, 255)


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that says it is huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data
            + struct.pack(">I", zlib.crc32(kind + data))
        )  # fmt: skip

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


HOSTILE = {
    "a page": b"<html><script>alert(1)</script>",
    "a drawing": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "a gif": b"GIF89a" + b"\0" * 100,
    "heic": b"\0\0\0\x18ftypheic" + b"\0" * 50,
    "nothing": b"",
    "a cut jpeg": photo((600, 400))[:900],
    "a false jpeg": b"\xff\xd8\xff" + b"\0" * 2000,
    "a false png": b"\x89PNG\r\n\x1a\n" + b"\0" * 2000,
    "a false webp": b"RIFF\x10\0\0\0WEBP" + b"\0" * 200,
    "a bomb": bomb(60_000, 60_000),
    "a smaller bomb": bomb(9_000, 9_000),
    "a png that ends early": bomb(900, 900),
    "too many bytes": b"\xff\xd8\xff" + b"\0" * MOST_BYTES,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_words(name: str) -> None:
    with pytest.raises(Invalid):
        develop(HOSTILE[name])
