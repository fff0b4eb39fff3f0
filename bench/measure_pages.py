"""For each page of the URLconf: queries, and the median time of the server, on a new demonstration."""

from bench.measuring import median, new_base

ROUNDS = 7


def main() -> None:
    from django.test import Client

    from ctg_site.accounts.models import User
    from territory.models import Ctg
    from tests.pages import our_pages

    client = Client(SERVER_NAME="127.0.0.1", raise_request_exception=False)
    client.force_login(
        User.objects.filter(is_superuser=False, is_staff=True).order_by("pk").first() or User.objects.earliest("pk")
    )
    ctg = Ctg.objects.earliest("pk")
    print(f"{'page':36}{'état':>6}{'requêtes':>10}{'ms':>8}")
    for page in our_pages():
        try:
            url = page.url(ctg)
        except Exception as error:  # a page without example is a gap to show, not a reason to measure nothing
            print(f"{page.name:36}{'–':>6}  {error}")
            continue
        status, queries, milliseconds = _read(client, url)
        print(f"{page.name:36}{status:>6}{queries:>10}{milliseconds:>8.0f}")


def _read(client, url: str) -> tuple[int, int, float]:
    """Its status, its queries, its milliseconds."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(url)  # the first reading fills the caches
    with CaptureQueriesContext(connection) as captured:
        status = client.get(url).status_code
    return status, len(captured), median(lambda: client.get(url), rounds=ROUNDS)


if __name__ == "__main__":
    with new_base():
        from django.core.management import call_command

        call_command("load_demo")
        main()
