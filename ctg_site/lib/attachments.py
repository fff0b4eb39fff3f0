"""A file that somebody sends: what it really is, read from its content, never from its name alone. It is stored, and only ever downloaded."""

import zipfile
from collections.abc import Callable
from pathlib import PurePath
from typing import IO, Any

from django.core.exceptions import ValidationError

from ctg_site.lib.prose import clean_line

MOST_MEGABYTES = 10
MOST_UNPACKED = 150 * 1024 * 1024  # of the parts of an archive, once opened by who downloads it
MOST_PARTS = 5000
ACCEPTED = "PDF, image (PNG, JPEG), texte (DOCX, ODT), classeur (XLSX, ODS) ou diaporama (PPTX, ODP)"
_OFFICE = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}
_OPEN = {"odt": b".text", "ods": b".spreadsheet", "odp": b".presentation"}
_MIMETYPE = b"application/vnd.oasis.opendocument"


def check_attachment(file: Any) -> None:
    """A validator of model: refuses, in French, what is too heavy, of another kind, or not what its name says."""
    if getattr(file, "_committed", False):  # checked when it was received
        return
    if file.size > MOST_MEGABYTES * 1024 * 1024:
        raise ValidationError(f"Ce fichier dépasse {MOST_MEGABYTES} Mo : réduisez-le, ou envoyez-en un extrait.")
    kind = _named(file.name)
    if kind not in _LOOKS_LIKE:
        raise ValidationError(f"Ce genre de fichier n’est pas accepté. Envoyez un fichier {ACCEPTED}.")
    file.seek(0)
    looks_right = _LOOKS_LIKE[kind](file)
    file.seek(0)
    if not looks_right:
        raise ValidationError(f"Ce fichier n’est pas un vrai fichier {kind.upper()} : son contenu dit autre chose.")


def shown_name(name: str) -> str:
    """Its name as it will be offered to save: one line, no folder."""
    return clean_line(PurePath(name.replace("\\", "/")).name)[-150:] or "document"


def _named(name: str) -> str:
    kind = PurePath(name).suffix.lower().removeprefix(".")
    return "jpg" if kind == "jpeg" else kind


def _begins(*starts: bytes) -> Callable[[IO[bytes]], bool]:
    return lambda file: file.read(8).startswith(starts)


def _is_office(folder: str) -> Callable[[IO[bytes]], bool]:
    """The right parts, and no macro."""

    def looks_right(names: set[str], archive: zipfile.ZipFile) -> bool:
        has_macro = any(name.lower().endswith("vbaproject.bin") for name in names)
        return "[Content_Types].xml" in names and any(name.startswith(folder) for name in names) and not has_macro

    return _in_archive(looks_right)


def _is_open(kind: bytes) -> Callable[[IO[bytes]], bool]:
    """The archive names its kind first, in clear; a macro lives in a folder of its own."""

    def looks_right(names: set[str], archive: zipfile.ZipFile) -> bool:
        has_macro = any(name.startswith(("Basic/", "Scripts/")) for name in names)
        with archive.open("mimetype") as written:
            return written.read(80) == _MIMETYPE + kind and not has_macro

    return _in_archive(looks_right)


def _in_archive(looks_right: Callable[[set[str], zipfile.ZipFile], bool]) -> Callable[[IO[bytes]], bool]:
    def check(file: IO[bytes]) -> bool:
        try:
            with zipfile.ZipFile(file) as archive:
                _refuse_a_bomb(archive.infolist())
                return looks_right(set(archive.namelist()), archive)
        except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, RuntimeError, EOFError, OSError):
            return False

    return check


def _refuse_a_bomb(parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise ValidationError(
            "Ce fichier est petit, mais immense une fois ouvert\u00a0: il bloquerait l’ordinateur de qui le lirait. Envoyez-le en PDF."
        )


_LOOKS_LIKE = {
    "pdf": _begins(b"%PDF-"),
    "png": _begins(b"\x89PNG\r\n\x1a\n"),
    "jpg": _begins(b"\xff\xd8\xff"),
    **{kind: _is_office(folder) for kind, folder in _OFFICE.items()},
    **{kind: _is_open(mark) for kind, mark in _OPEN.items()},
}
