"""The stored PDF of a frozen text: the same bytes as on the day of the freeze, or nothing."""

from hashlib import sha256

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from governance.models import Agreement


class DocumentAltered(Exception):
    """The stored file is not the one that was frozen; it is never rendered again, a backup brings it back."""


def stored_document(agreement: Agreement, *, by: User | None) -> bytes:
    """Checked at every reading; a file that changed or vanished is written in the journal and never served."""
    try:
        with agreement.document.open("rb") as file:
            content = file.read()
    except OSError:
        content = b""
    found = sha256(content).hexdigest()
    if found != agreement.document_sha256:
        record(
            by,
            "agreement.altered",
            agreement,
            ctg=agreement.ctg,
            expected=agreement.document_sha256,
            found=found,
            size=len(content),
        )
        raise DocumentAltered(
            f"Le fichier conservé de la convention {agreement.number} ne correspond plus à son empreinte : il n’est pas servi. "
            "Demandez à l’exploitant de le restaurer depuis une sauvegarde."
        )
    return content
