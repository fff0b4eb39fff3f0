"""The files that Cnaf and Insee published, beside the repository: each family on the real thing. Where the folder is, a
missing file fails; where it is not, small files of the same families are read by test_recognise_file.py."""

from pathlib import Path

import pytest
from django.conf import settings

from territory.imports.filing import apply_file, read_file, receive_file
from territory.loading import load_reference
from territory.models import FigureFile, Value
from territory.vintages import load_geography
from tests.territory.test_import_file import AT


def beside() -> Path | None:
    """Beside the repository, or beside the one that this worktree was taken from."""
    here = Path(settings.BASE_DIR)
    folders, git = [here.parent], here / ".git"
    if git.is_file():  # « gitdir: …/repository/.git/worktrees/name »
        folders.append(Path(git.read_text().split(": ")[1]).parents[3])
    return next((folder / "shared" / "data" for folder in folders if (folder / "shared" / "data").is_dir()), None)


DATA = beside()

pytestmark = [pytest.mark.django_db, pytest.mark.skipif(DATA is None, reason="shared/data n’est pas à côté du dépôt")]


@pytest.fixture(scope="module")
def france(django_db_setup, django_db_blocker):
    """The whole country, once for the module, rolled back after it."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        load_reference()
        load_geography(())
        yield
        transaction.set_rollback(True)


def bring(name: str) -> FigureFile:
    assert DATA is not None
    content = (DATA / name).read_bytes()
    return read_file(receive_file(name, [content], caf=None, by=None))


def family(file):
    return [table["family"] for table in file.report["tables"]]


def test_cnaf_corsica_loses_no_household(france):
    file = bring("s_ben_com_f_corse.csv")
    assert (family(file), file.report["years"]) == (["cnaf_open"], [2020, 2021, 2022, 2023, 2024])
    [group] = file.report["aside"]
    assert group["count"] == 5
    assert group["masses"]["Foyers bénéficiaires du RSA 2024"] == "6675"
    assert file.report["values"] + 5 * 4 == 1774 * 4
    assert (file.report["unknown_count"], file.report["error_count"]) == (0, 0)


@pytest.mark.parametrize("level", ["COM", "EPCI", "DEP", "REG", "METROPOLE"])
def test_filosofi(france, level):
    file = bring(f"FILO2019_DISP_{level}.csv")
    assert (family(file), file.report["source"], file.report["years"]) == (["insee_wide"], "insee-filosofi", [2019])
    assert (file.report["unknown_count"], file.report["error_count"]) == (0, 0)


def test_the_median_of_the_seed_territory_beside_france(france):
    for level in ("EPCI", "METROPOLE"):
        apply_file(bring(f"FILO2019_DISP_{level}.csv"), by=None, at=AT)
    medians = Value.objects.filter(indicator__code="niveau-vie-median", territory__code__in=["200049211", "FM"])
    assert dict(medians.values_list("territory__code", "number")) == {"200049211": 18890, "FM": 21930}


def test_births_in_a_long_file(france):
    file = bring("insee_naissances_extrait.csv")
    assert (family(file), file.report["source"]) == (["insee_long"], "insee-etat-civil")
    assert (file.report["unknown_count"], file.report["error_count"]) == (0, 0)
    assert {row["place"].partition(",")[0] for row in file.report["totals"]} <= {"Paris", "Lyon", "Marseille"}


def test_iris_make_communes_or_are_said(france):
    file = bring("data_CAF_2019_IRIS.csv")
    assert (family(file), file.report["source"]) == (["iris"], "caf-allocataires-iris")
    assert file.report["aside"][0]["count"] > 400
    assert file.report["unknown_count"] == 0


def test_the_official_code_is_no_file_of_figures(france):
    assert bring("commune_2021.csv").state == FigureFile.State.REFUSED
