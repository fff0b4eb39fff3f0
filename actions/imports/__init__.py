"""The workbook of a plan, both ways: what its columns say, and what a file sent back would change."""

from actions.imports.comparing import preview_import
from actions.imports.filing import apply_import, explain_heading, known_fields, read_again, receive_import, save_layout
from actions.imports.preview import Preview, report_lines

__all__ = [
    "Preview",
    "apply_import",
    "explain_heading",
    "known_fields",
    "preview_import",
    "read_again",
    "receive_import",
    "report_lines",
    "save_layout",
]
