"""A drawing as a PNG, with our own typeface: the renderer reads neither the page's fonts nor the network."""

import atexit
import tempfile
from functools import cache
from pathlib import Path

FONTS = Path(__file__).resolve().parents[2] / "static" / "fonts"
SCALE = 2.0


def png_of(svg: str) -> bytes:
    import vl_convert  # heavy: only for those who download

    _register_fonts()
    return vl_convert.svg_to_png(svg, scale=SCALE)


@cache
def _register_fonts() -> None:
    """The renderer wants plain TrueType: our web fonts are unpacked once a process."""
    import vl_convert
    from fontTools.ttLib import TTFont

    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    for packed in sorted(FONTS.glob("*.woff2")):
        font = TTFont(packed)
        font.flavor = None
        font.save(Path(folder.name) / f"{packed.stem}.ttf")
    vl_convert.register_font_directory(folder.name)
