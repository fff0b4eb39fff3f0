"""A national file of small counts, judged: what is masked, what is masked beside it, audited, in time and in memory.

    scripts/with_postgresql.sh .venv/bin/python bench/secrecy.py

Two counts of each commune of France, of its EPCI, départements, régions and France, and the share of one in the other.
The same with fewer levels and without the shares: what nobody counted may be told by the others.

Then the gestures that a Caf with a file of its own département asks on a page: what the page costs, against the whole gesture,
which the worker does.
"""

import logging
import os
import random
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ctg_site.settings")
os.environ.setdefault("DEBUG", "False")  # as installed: a development server keeps a list of its queries
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402

from territory import asked  # noqa: E402
from territory.loading import load_reference  # noqa: E402
from territory.models import (  # noqa: E402
    AskedGesture,
    Belonging,
    Caf,
    Indicator,
    Release,
    Role,
    Source,
    Territory,
    Value,
    Withholding,
)
from territory.vintages import load_geography  # noqa: E402
from territory.withholding import settle  # noqa: E402
from tests.territory.factories import communes_of, make_ctg, make_publishable, make_user  # noqa: E402

YEAR = 2016
LEVELS = {
    "tous les niveaux": ("epci", "departement", "region", "france"),
    "communes et France": ("france",),
    "communes, EPCI et régions": ("epci", "region"),
}
GOALS = {"seconds": 30, "memory": 400}
ASKED = {"ms": 300, "queries": 60, "share": 0.5}  # of a page that asks: at most so much of the whole gesture


def main() -> None:
    if connection.vendor != "postgresql":
        sys.exit("Cette mesure se fait sur PostgreSQL : scripts/with_postgresql.sh .venv/bin/python bench/secrecy.py")
    call_command("migrate", verbosity=0)
    load_reference()
    if not Territory.objects.communes().filter(code="01001").exists():
        load_geography(())
    for name, levels in LEVELS.items():
        _apart(lambda name=name, levels=levels: _measure(name, levels))
    _apart(_measure_gestures)


def _apart(measure: Callable[[], None]) -> None:
    """Each with its own peak of memory."""
    child = os.fork()
    if not child:
        connection.close()
        measure()
        os._exit(0)
    os.waitpid(child, 0)


def _measure(name: str, levels: tuple[str, ...]) -> None:
    start_memory = _peak()
    with transaction.atomic():
        smalls, count = _write(levels)
        connection.cursor().execute("ANALYZE")
        whole, part = (Indicator.objects.get(code=code) for code in ("foyers-allocataires", "foyers-rsa"))
        begun = time.perf_counter()
        settle(None, [whole.pk, part.pk], [YEAR])
        seconds = time.perf_counter() - begun
        withheld = Value.objects.filter(year=YEAR, is_withheld=True).count()
        print(
            f"{name} : {count} chiffres, {smalls} petits effectifs, {withheld} masqués en tout, en {seconds:.1f} s,"
            f" {_peak():.0f} Mo (dont {start_memory:.0f} avant)"
        )
        _verdict("secondes", seconds, GOALS["seconds"])
        _verdict("mémoire (Mo)", _peak(), GOALS["memory"])
        transaction.set_rollback(True)


def _measure_gestures() -> None:
    """Typing, masking, showing again, checking, publishing: each asked on its page, then done as the worker does it."""
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    logging.disable(logging.WARNING)
    settings.ALLOWED_HOSTS, settings.AXES_ENABLED, settings.SECURE_SSL_REDIRECT = ["testserver"], False, False
    with transaction.atomic():
        _write(("epci", "departement"))
        place = Territory.objects.get(kind="epci", code="200049211", valid_to=None)
        department = place.parent
        caf = Caf.objects.create(code="661", name="Caf de la mesure", territory=department)
        own = Value.objects.filter(year=YEAR, territory__in=_inside(department))
        own.update(
            release=Release.objects.create(source=Source.objects.get(code="saisie-caf"), name="Fichier", caf=caf)
        )
        Value.objects.filter(release__caf=None, year=YEAR).delete()  # the file of one Caf: the others brought none
        connection.cursor().execute("ANALYZE")
        heads = Indicator.objects.get(code="foyers-rsa")
        settle(caf, list(own.values_list("indicator", flat=True).distinct()), [YEAR])
        ctg = make_publishable(make_ctg(caf, place=place))
        client = Client()
        client.force_login(make_user("Camille", caf=caf, role=Role.CAF_ADVISER))
        shown = own.filter(indicator=heads, is_withheld=False, number__gt=0, territory__in=communes_of(place)).first()
        assert shown is not None
        figure = {"indicator": heads.pk, "territory": shown.territory_id, "year": YEAR}
        typed = {"place": "here", "year": YEAR, "quality": "exact", "document": "Essai", "number": "12"}
        typed |= {"indicator": heads.pk, "source": Source.objects.get(code="saisie-caf").pk}
        print(f"les gestes d’une Caf : {own.count()} chiffres, {own.filter(is_withheld=True).count()} masqués")
        _gesture(client, "saisir", reverse("territory:figure_type", args=[ctg.slug]), typed)
        _gesture(client, "masquer", reverse("caf:withhold", args=[caf.code]), figure)
        row = Withholding.objects.get(caf=caf)
        _gesture(client, "montrer", reverse("caf:show_again", args=[caf.code, row.pk]), {})
        _gesture(client, "vérifier", reverse("caf:check_secrecy", args=[caf.code]), {})
        _gesture(client, "publier", reverse("territory:portrait_publish", args=[ctg.slug]), {})
        transaction.set_rollback(True)


def _inside(department: Territory) -> list[int]:
    communes = Territory.objects.communes().filter(parent=department)
    epcis = Territory.objects.epcis().filter(parent=department)
    return [department.pk, *communes.values_list("pk", flat=True), *epcis.values_list("pk", flat=True)]


def _gesture(client: Client, name: str, url: str, sent: dict[str, Any]) -> None:
    with CaptureQueriesContext(connection) as captured:
        begun = time.perf_counter()
        answer = client.post(url, sent)
        page = (time.perf_counter() - begun) * 1000
    waiting = AskedGesture.objects.filter(state=AskedGesture.State.WAITING)
    if answer.status_code != 302 or not waiting.exists():
        sys.exit(f"{name} : rien n’a été demandé (réponse {answer.status_code})")
    begun = time.perf_counter()
    for pk in list(waiting.order_by("pk").values_list("pk", flat=True)):
        asked.do_asked.func(pk)
    worker = (time.perf_counter() - begun) * 1000
    share, queries = page / (page + worker), len(captured)
    held = page <= ASKED["ms"] and queries <= ASKED["queries"] and share <= ASKED["share"]
    refused = AskedGesture.objects.filter(state=AskedGesture.State.REFUSED).exists()
    print(
        f"  {'✓' if held else '✗'} {name} : la page {page:.0f} ms (but : {ASKED['ms']}) et {queries} requêtes (but :"
        f" {ASKED['queries']}), la file de tâches {worker:.0f} ms{', refusé' if refused else ''} ; la page est {share:.0%}"
        f" du geste (but : au plus {ASKED['share']:.0%})"
    )
    AskedGesture.objects.all().delete()


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _write(levels: tuple[str, ...]) -> tuple[int, int]:
    """Half of the communes have less than five of the smaller count, as for a benefit that few receive."""
    chance = random.Random(1)
    release = Release.objects.create(source=Source.objects.get(code="saisie-caf"), name="Mesure du secret")
    ids = {code: Indicator.objects.get(code=code).pk for code in ("foyers-allocataires", "foyers-rsa", "part-rsa")}
    counts: dict[int, tuple[int, int]] = {}
    smalls = 0
    for place, people in _communes(chance):
        part = sum(chance.random() < 0.03 for _ in range(min(people, 400))) + max(people - 400, 0) // 32
        counts[place] = people, part
        smalls += 0 < part < 5
    for kind, parts in _sets():
        if kind in levels:
            for place, inside in parts.items():
                counts[place] = tuple(map(sum, zip(*(counts.get(one, (0, 0)) for one in inside), strict=True)))
    rows: list[Value] = []
    for place, (whole, part) in counts.items():
        figures = {"foyers-allocataires": whole, "foyers-rsa": part}
        if whole and "departement" in levels:
            figures["part-rsa"] = round(100 * part / whole)
        rows += [
            Value(
                indicator_id=ids[code], territory_id=place, year=YEAR, start_year=YEAR, release=release, number=number
            )
            for code, number in figures.items()
        ]
        if len(rows) > 5000:
            Value.objects.bulk_create(rows)
            rows = []
    Value.objects.bulk_create(rows)
    return smalls, release.values.count()


def _communes(chance: random.Random) -> Iterator[tuple[int, int]]:
    for place in Territory.objects.communes().filter(valid_to=None).order_by("code").values_list("pk", flat=True):
        yield place, int(chance.lognormvariate(4.6, 1.2))


def _sets() -> Iterator[tuple[str, dict[int, list[int]]]]:
    """The communes of each set, the larger ones being told by their communes too."""
    groups: dict[int, list[int]] = defaultdict(list)
    lasting = Belonging.objects.filter(valid_to=None, group__kind="epci", group__valid_to=None)
    for group, commune in lasting.values_list("group", "commune"):
        groups[group].append(commune)
    yield "epci", groups
    above = dict(Territory.objects.filter(valid_to=None, parent__isnull=False).values_list("pk", "parent"))
    kinds = dict(Territory.objects.filter(pk__in=set(above.values())).values_list("pk", "kind"))
    found: dict[int, list[int]] = defaultdict(list)
    for place in Territory.objects.communes().filter(valid_to=None).values_list("pk", flat=True):
        one = above.get(place)
        while one is not None:
            found[one].append(place)
            one = above.get(one)
    for kind in ("departement", "region", "france"):
        yield kind, {place: inside for place, inside in found.items() if kinds[place] == kind}


def _verdict(name: str, value: float, goal: float) -> None:
    print(f"  {'✓' if value <= goal else '✗'} {name} : {value:.1f} (but : au plus {goal:g})")


if __name__ == "__main__":
    main()
