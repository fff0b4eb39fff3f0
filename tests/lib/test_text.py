import pytest

from ctg_site.lib.text import search_key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Saint-Estève", "saint esteve"),
        ("ST ESTEVE", "saint esteve"),
        ("Ste-Léocadie", "sainte leocadie"),
        ("L’Albère", "l albere"),
        ("L'Albère", "l albere"),
        ("Conflent-Canigó", "conflent canigo"),
        ("  Vernet - les – Bains ", "vernet les bains"),
        ("Œuf-en-Ternois", "oeuf en ternois"),
        ("Estavar", "estavar"),
        ("66149", "66149"),
        ("***", ""),
    ],
)
def test_one_key_for_the_many_ways_to_type_a_name(text, key):
    assert search_key(text) == key
