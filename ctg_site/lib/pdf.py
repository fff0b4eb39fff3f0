"""The only door to WeasyPrint: a page of ours becomes a tagged PDF, with our own static files and nothing else."""

import hashlib
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.cache import cache
from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from ctg_site.lib.tagging import complete_tags

STATIC = Path(__file__).resolve().parent.parent / "static"
VARIANT = "pdf/ua-1"
KEPT = 3600  # seconds


class ForbiddenAddress(Exception):
    """A document asked for something outside our static files: the rendering stops instead of leaving a hole."""


class _Stop(FatalURLFetchingError):
    """The only way out of a rendering; a BaseException, it must not leave this module."""


class StaticFetcher(URLFetcher):
    """Serves the files under a folder and images written in the page (``data:``); no network, no other file."""

    def __init__(self, folder: Path) -> None:
        super().__init__(allowed_protocols=["file", "data"], allow_redirects=False, fail_on_errors=True)
        self.folder = folder.resolve()

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        address = urlsplit(url)
        if address.scheme != "data" and not self._is_ours(address.scheme, address.netloc, address.path):
            raise _Stop(f"Un document ne lit que nos fichiers statiques, pas {url[:200]}")
        return super().fetch(url, headers)

    def _is_ours(self, scheme: str, host: str, path: str) -> bool:
        if scheme != "file" or host:
            return False
        file = Path(unquote(path)).resolve()
        return file.is_relative_to(self.folder) and file.is_file()


def render_pdf(html: str, *, base_dir: Path = STATIC) -> bytes:
    """``html`` links its stylesheet relatively to ``base_dir``: ``css/pdf.css``.

    With SOURCE_DATE_EPOCH in the environment, the same page gives the same bytes.
    """
    try:
        page = HTML(string=html, base_url=f"{base_dir.resolve().as_uri()}/", url_fetcher=StaticFetcher(base_dir))
        return page.write_pdf(pdf_variant=VARIANT, finisher=complete_tags)
    except _Stop as refusal:
        raise ForbiddenAddress(str(refusal)) from refusal


def kept_pdf(html: str) -> bytes:
    """The same page is not drawn twice in an hour: a long document takes seconds."""
    key = f"pdf:{hashlib.sha256(html.encode()).hexdigest()}"
    content: bytes | None = cache.get(key)
    if content is None:
        content = render_pdf(html)
        cache.set(key, content, KEPT)
    return content
