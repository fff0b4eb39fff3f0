import pytest

from ctg_site.lib.text import of_place, search_key


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


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Prades", "de Prades"),
        ("Eus", "d’Eus"),
        ("Égat", "d’Égat"),
        ("Le Soler", "du Soler"),
        ("Hendaye", "d’Hendaye"),
        ("Haguenau", "de Haguenau"),
        ("Les Masos", "des Masos"),
        ("La Bastide", "de La Bastide"),
        ("L’Albère", "de L’Albère"),
    ],
)
def test_the_name_of_a_commune_is_said_in_french(name, said):
    assert of_place(name) == said
