"""From an uploaded file to a picture of ours: checked, turned upright, made smaller, stripped."""

import threading
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

from govgrid.errors import Invalid, Refusal
from govgrid.media import JPEG, PNG, WEBP, media_type

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 52_000_000
"""Of a JPEG, which is shrunk while it is read; others stand in memory whole."""
MOST_PIXELS_WHOLE = 25_000_000
SIDE, SMALL_SIDE = 1600, 480
"""The longer side in pixels: enough for a third of an A3 page, and for a list on a phone."""
_FORMATS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP"}  # as Pillow calls them
_TURN = threading.Lock()  # one large picture stands in memory at a time


@dataclass(frozen=True, slots=True)
class Picture:
    """Two JPEGs without any metadata; width and height are those of the large one."""

    large: bytes
    small: bytes
    width: int
    height: int


def develop(data: bytes) -> Picture:
    """Return the picture in an uploaded file. Raise `Invalid` saying what is wrong with it.

    What the file says of its type does not count, only its first bytes do.
    """
    if len(data) > MOST_BYTES:
        raise Invalid("照片超过 %(most)s MB，请压缩后再上传。", most=MOST_BYTES // 1024 // 1024)
    kind = _kind(data)
    with _TURN:
        try:
            return _developed(data, kind)
        except Refusal:
            raise
        except Exception:  # noqa: BLE001  # readers stumble over hostile files in many ways
            raise Invalid("照片已损坏或不完整，无法读取，请重新拍摄或另存后再上传。") from None


def _kind(data: bytes) -> str:
    kind = media_type(data)
    if kind in _FORMATS:
        return _FORMATS[kind]
    if data[4:8] == b"ftyp":
        raise Invalid("这是 HEIC 照片或视频，请在手机上另存为 JPEG 后再上传。")
    raise Invalid("只能上传 JPEG、PNG 或 WebP 照片，这个文件不是。")


def _developed(data: bytes, kind: str) -> Picture:
    try:
        image: Image.Image = Image.open(BytesIO(data), formats=[kind])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    most = MOST_PIXELS if kind == "JPEG" else MOST_PIXELS_WHOLE
    if image.width * image.height > most:
        raise _too_large()
    if kind == "JPEG":
        image.draft("RGB", (SIDE, SIDE))
    image.load()
    with suppress(Exception):  # a broken note about which side is up spoils no photo
        image = ImageOps.exif_transpose(image)
    large = _plain(image)
    large.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    small = large.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
    return Picture(_jpeg(large, 82), _jpeg(small, 76), large.width, large.height)


def _plain(image: Image.Image) -> Image.Image:
    """Return the pixels alone, on white: nothing that the file says beside them comes along."""
    if image.mode not in {"RGB", "L"}:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    plain = Image.new("RGB", image.size, "white")
    plain.paste(image, mask=image if image.mode == "RGBA" else None)
    return plain


def _jpeg(image: Image.Image, quality: int) -> bytes:
    stream = BytesIO()
    image.save(stream, "JPEG", quality=quality, optimize=True, progressive=True)
    return stream.getvalue()


def _too_large() -> Invalid:
    return Invalid("照片的像素过多，请缩小后再上传。")
