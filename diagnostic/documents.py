"""The diagnosis as annex 1 of the convention; the page around it belongs to the document that includes it."""

from typing import Any

from diagnostic.content import read_diagnosis
from diagnostic.figures import figures_for_record
from diagnostic.models import Diagnosis


def diagnosis_annex(diagnosis: Diagnosis) -> dict[str, Any]:
    """The context of ``diagnostic/pdf/_annex.html``."""
    content = read_diagnosis(diagnosis, links=["communes"])
    return {"diagnosis": diagnosis, "content": content, "figures": figures_for_record(diagnosis, content)}
