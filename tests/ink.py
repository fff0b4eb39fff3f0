"""A document without its drawing, where only its address or its queries matter."""


class BlankPage:
    """Stands for ``weasyprint.HTML`` in ``ctg_site.lib.pdf``."""

    def __init__(self, **_: object) -> None: ...

    def write_pdf(self, **_: object) -> bytes:
        return b"%PDF-1.7"
