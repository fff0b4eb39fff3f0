"""A plan of 60 actions, 5 years and 6 funders: each of its pages, in queries and in time of the server.

    PYTHONPATH=. python bench/plan_pages.py

The times of a machine say little: each is given beside the peer of the same run, the same rows read in the fewest queries
and shown by nobody. Read by somebody who writes the plan, who is shown the most.
"""

from bench.measuring import measure_page, median, new_base

ACTIONS, YEARS, FUNDERS = 60, 5, 6
MOST_RATIO = 4.0
PAGES = ("plan", "plan_board", "plan_table", "plan_gantt", "plan_cube", "plan_chain")


def main() -> None:
    from django.test import Client
    from django.urls import reverse

    from actions.content import read_plan
    from territory.models import Role
    from tests.actions.factories import make_user
    from tests.actions.large_plan import make_large_plan

    plan = make_large_plan(actions=ACTIONS, years=YEARS, funders=FUNDERS)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(make_user("Camille", ctg=plan.ctg, role=Role.LEAD))
    peer = median(lambda: read_plan(plan, parts=("targets", "steps")))
    print(f"{ACTIONS} actions, {YEARS} années, {FUNDERS} financeurs ; les lire sans les montrer : {peer:.0f} ms")
    for page in PAGES:
        url = reverse(f"actions:{page}", args=[plan.ctg.slug])
        measure_page(client, page, url, peer=peer, most_ratio=MOST_RATIO)


if __name__ == "__main__":
    with new_base():
        main()
