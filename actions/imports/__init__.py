"""The workbook of a plan, both ways: what its columns say, and what a file sent back would change."""

from actions.imports.comparing import Preview, preview_import
from actions.imports.filing import apply_import, read_again, receive_import, save_layout

__all__ = ["Preview", "apply_import", "preview_import", "read_again", "receive_import", "save_layout"]
