"""What PDF/UA asks of the tags and WeasyPrint 70 leaves out, added to the document before it is written."""

from collections.abc import Iterator
from typing import Any

import pydyf
from weasyprint import Document


def complete_tags(document: Document, pdf: pydyf.PDF) -> None:
    """Say which way each header cell looks, and that what repeats in the margins is no part of the text.

    A finisher of ``write_pdf``. Without the first, a screen reader guesses the headers of a cell; without the second
    (WeasyPrint, issue 1836) it finds marked content that belongs to nothing.
    """
    root = _at(pdf, pdf.catalog["StructTreeRoot"])
    read = set()
    for element in _elements(pdf, root):
        read.add(element.number)
        if element["S"] == "/TH":
            element["A"]["Scope"] = "/Column" if _is_in_head(pdf, element) else "/Row"
    marks_by_page = _at(pdf, root["ParentTree"])["Nums"][1::2]  # the links come after the pages
    for page, marks in zip(pdf.page_references, marks_by_page, strict=False):
        strangers = {mark for mark, owner in enumerate(marks) if _number(owner) not in read}
        _set_apart(_at(pdf, _at(pdf, page)["Contents"]), strangers)
        marks[:] = ["null" if mark in strangers else owner for mark, owner in enumerate(marks)]


def _elements(pdf: pydyf.PDF, parent: pydyf.Dictionary) -> Iterator[pydyf.Dictionary]:
    for kid in parent["K"]:
        if isinstance(kid, bytes) and (element := _at(pdf, kid)).get("Type") == "/StructElem":
            yield element
            yield from _elements(pdf, element)


def _is_in_head(pdf: pydyf.PDF, cell: pydyf.Dictionary) -> bool:
    row = _at(pdf, cell["P"])
    return _at(pdf, row["P"])["S"] == "/THead"


def _set_apart(content: pydyf.Stream, marks: set[int]) -> None:
    """In a content stream, a marked sequence is a tag, its properties, then the operator."""
    for place, item in enumerate(content.stream):
        if isinstance(item, pydyf.Dictionary) and item.get("MCID") in marks:
            content.stream[place - 1 : place + 1] = ["/Artifact", pydyf.Dictionary({"Type": "/Pagination"})]


def _number(reference: bytes) -> int:
    return int(reference.split()[0])


def _at(pdf: pydyf.PDF, reference: bytes) -> Any:
    return pdf.objects[_number(reference)]
