"""The light colours of the design tokens, for the documents that read no CSS."""

HERE, DEPT, FRANCE = "here", "dept", "france"

COLOURS = {
    HERE: "#0b5f66",
    DEPT: "#8a6a00",
    FRANCE: "#6b7280",
    "ink": "#14262b",
    "ink-soft": "#4a5b60",
    "line": "#dcd9cf",
}
CLASSES = ("#d7e8e3", "#a6cfc9", "#66a9a7", "#2b7f83", "#0b4a50")  # c0 to c4, from few to many
NEIGHBOUR, GROUND = "#f1efe7", "#ffffff"

NAMES = {colour: name for name, colour in COLOURS.items()}
