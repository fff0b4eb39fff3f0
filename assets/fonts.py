"""Reduce Source Sans 3 to the signs of French and Catalan, and take off the name that its licence reserves."""

from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "node_modules/@expo-google-fonts/source-sans-3"
TARGET = ROOT / "ctg_site/static/fonts"
WEIGHTS = {400: "400Regular/SourceSans3_400Regular.ttf", 700: "700Bold/SourceSans3_700Bold.ttf"}

SIGNS = {
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),  # Latin letters with their accents, the middle dot of « l·l »
    *range(0x300, 0x30A),
    0x327,  # accents typed apart
    *range(0x2009, 0x2016),  # thin space, non-breaking hyphen, dashes
    *map(ord, "‘’‚“”„†•…\u202f‰′″‹›€№←↑→↓−≈≠≤≥✓●■◆ﬁﬂ⁰⁴"),
}
FEATURES = ["kern", "liga", "pnum", "mark", "mkmk", "ccmp", "locl", "sups", "ordn", "case"]
THOUSANDS_SPACE = 180  # thousandths of an em; the original 120 makes « 1 089 800 » read as one block
FULL_NAME_IDS = (1, 3, 4, 6, 16)


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    for weight, path in WEIGHTS.items():
        options = subset.Options(flavor="woff2", layout_features=FEATURES)
        font = TTFont(SOURCES / path, recalcTimestamp=False)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=SIGNS)
        subsetter.subset(font)
        _rename(font)
        font["hmtx"][font.getBestCmap()[0x202F]] = (THOUSANDS_SPACE, 0)
        subset.save_font(font, TARGET / f"source-sans-3-{weight}.woff2", options)
    (TARGET / "LICENSE").write_text((SOURCES / "LICENSE_FONT").read_text())


def _rename(font: TTFont) -> None:
    for record in font["name"].names:
        if record.nameID in FULL_NAME_IDS:
            name = record.toUnicode().replace("Source Sans 3", "Ctg Sans").replace("SourceSans3", "CtgSans")
            record.string = name


if __name__ == "__main__":
    main()
