"""A diagnosis of 60 findings, 200 contributions and 40 figures: each of its pages, in queries and in time of the server.

    PYTHONPATH=. python bench/diagnosis_pages.py

The times of a machine say little: each is given beside the peer of the same run, the same rows read and shown by nobody.
Read by the person in charge of cooperation, who is shown the most.
"""

from datetime import date

from bench.measuring import measure_page, median, new_base

FINDINGS, CONTRIBUTIONS, FIGURES = 60, 200, 40
PAGES = ("diagnosis", "diagnosis_brief", "group", "group_scoring")


def main() -> None:
    from django.test import Client
    from django.urls import reverse

    from diagnostic.content import read_diagnosis
    from diagnostic.figures import figures_of
    from diagnostic.rankings import read_notes
    from territory.models import Role
    from tests.diagnostic.factories import first_group, make_user
    from tests.diagnostic.large_diagnosis import make_large_diagnosis

    diagnosis = make_large_diagnosis(findings=FINDINGS, contributions=CONTRIBUTIONS, figures=FIGURES)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(make_user("Camille", ctg=diagnosis.ctg, role=Role.LEAD))

    def read() -> None:
        figures_of(diagnosis, read_diagnosis(diagnosis), on=date.today())
        read_notes(diagnosis)

    peer = median(read)
    print(
        f"{FINDINGS} constats, {CONTRIBUTIONS} contributions, {FIGURES} chiffres ; les lire sans les montrer : {peer:.0f} ms"
    )
    for page in PAGES:
        group = [first_group(diagnosis).pk] if page.startswith("group") else []
        url = reverse(f"diagnostic:{page}", args=[diagnosis.ctg.slug, *group])
        measure_page(client, page, url, peer=peer)


if __name__ == "__main__":
    with new_base():
        main()
