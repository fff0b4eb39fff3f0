import pytest

from governance.wording import Block, blocks, with_article


@pytest.mark.parametrize(
    ("name", "worded"),
    [
        ("Caf des Pyrénées-Orientales", "la Caf des Pyrénées-Orientales"),
        ("Communauté de communes Conflent-Canigó", "la communauté de communes Conflent-Canigó"),
        ("Commune de Prades", "la commune de Prades"),
        ("Département du Nord", "le département du Nord"),
        ("SIVOM du Ternois", "le SIVOM du Ternois"),
        ("Association des familles", "l’association des familles"),
        ("Perpignan Méditerranée Métropole", "Perpignan Méditerranée Métropole"),
        ("MSA Grand Sud", "la MSA Grand Sud"),
        ("", ""),
    ],
)
def test_the_article_before_the_name_of_a_party(name, worded):
    assert with_article(name) == worded


def test_a_typed_text_becomes_paragraphs_and_lists():
    text = "La convention a deux objets :\n– identifier ;\n– choisir.\n\nElle dure\ncinq ans."
    assert blocks(text) == [
        Block("La convention a deux objets :"),
        Block(items=("identifier ;", "choisir.")),
        Block("Elle dure\ncinq ans."),
    ]
    assert blocks("") == []
