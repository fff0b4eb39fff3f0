"""The key of a draft: signed into the page of the form, it lets that page save, whatever became of the session, and read nothing."""

from dataclasses import asdict, dataclass

from django.core import signing

from ctg_site.lib.errors import RuleBroken

FIELD = "draft"  # the hidden field of the form
DAYS = 30
UNKNOWN = "Ce brouillon n’est pas reconnu : rouvrez la page du formulaire."
_SALT = "ctg_site.drafts"


@dataclass(frozen=True)
class DraftKey:
    """Whose text (an account, or a link for those without), of which form, on which page."""

    user_id: int | None
    link: str
    form: str
    page: str

    def signed(self) -> str:
        return signing.dumps(asdict(self), salt=_SALT, compress=True)


def read_key(text: str) -> DraftKey:
    try:
        return DraftKey(**signing.loads(text, salt=_SALT, max_age=DAYS * 24 * 3600))
    except (signing.BadSignature, TypeError) as error:
        raise RuleBroken(UNKNOWN) from error
