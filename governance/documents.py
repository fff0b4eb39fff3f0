"""INTERIM until ctg_site.lib.pdf lands."""

from governance.models import Agreement


def render_agreement(agreement: Agreement) -> bytes:
    from weasyprint import HTML

    return HTML(string=f"<p>{agreement.number} {agreement.frozen_on}</p>").write_pdf()
