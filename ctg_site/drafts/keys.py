"""The key of a draft: signed into the page of the form, it lets that page save, whatever became of the session, and read nothing."""

from dataclasses import asdict, dataclass

from django.core import signing

from ctg_site.lib.errors import RuleBroken

FIELD = "draft"  # the hidden field of the form
DAYS = 30
UNKNOWN = "Ce brouillon n’est pas reconnu : rouvrez la page du formulaire."
WINDOW = "#"  # what no address sent to a server holds
_SALT = "ctg_site.drafts"


@dataclass(frozen=True)
class DraftKey:
    """Whose text (an account, or a link for those without), of which form, on which page, in which window.

    A form open in two windows has two drafts: neither takes the place of the other.
    """

    user_id: int | None
    link: str
    form: str
    page: str
    window: str = ""

    @property
    def name(self) -> str:
        """As the draft is filed."""
        return f"{self.form}{WINDOW}{self.window}" if self.window else self.form

    def signed(self) -> str:
        return signing.dumps(asdict(self), salt=_SALT, compress=True)


def read_key(text: str) -> DraftKey:
    try:
        return DraftKey(**signing.loads(text, salt=_SALT, max_age=DAYS * 24 * 3600))
    except (signing.BadSignature, TypeError) as error:
        raise RuleBroken(UNKNOWN) from error
