"""Two people wrote on the same text: no word of either is lost."""

from hypothesis import given
from hypothesis import strategies as st

from ctg_site.lib.merging import differences, merge

BASE = "Les accueils ferment en août.\nIl manque des places.\n"
WORDS = st.lists(st.sampled_from(["a", "b", "c", "d", "\n"]), max_size=12).map(" ".join)


def test_changes_on_different_lines_are_both_kept():
    mine = BASE.replace("en août", "quinze jours en août")
    theirs = BASE.replace("des places", "dix places")
    merged = merge(BASE, mine, theirs)
    assert merged.is_clean
    assert merged.text == "Les accueils ferment quinze jours en août.\nIl manque dix places.\n"


def test_changes_to_different_words_of_a_line_are_both_kept():
    mine = BASE.replace("en août", "quinze jours en août")
    theirs = BASE.replace("accueils", "accueils de loisirs")
    merged = merge(BASE, mine, theirs)
    assert (merged.is_clean, merged.text.splitlines()[0]) == (
        True,
        "Les accueils de loisirs ferment quinze jours en août.",
    )


def test_the_same_words_changed_twice_stand_side_by_side():
    merged = merge("Il ferme trop tôt.", "Il ferme bien trop tôt.", "Il ferme souvent trop tôt.")
    assert not merged.is_clean
    assert merged.text == "Il ferme souvent / bien trop tôt."


def test_what_one_removed_and_the_other_rewrote_stays():
    merged = merge("Un. Deux. Trois.", "Un. Trois.", "Un. Deuxième. Trois.")
    assert (merged.is_clean, "Deuxième." in merged.text) == (False, True)


@given(base=WORDS, theirs=WORDS)
def test_nothing_of_mine_means_theirs(base, theirs):
    assert merge(base, base, theirs).text == theirs
    assert merge(base, theirs, base).text == theirs


@given(base=WORDS, mine=WORDS, theirs=WORDS)
def test_a_new_word_is_never_lost(base, mine, theirs):
    merged = merge(base, f"{mine} MOI", f"EUX {theirs}").text
    assert "MOI" in merged
    assert "EUX" in merged


@given(before=WORDS, after=WORDS)
def test_differences_hold_both_texts(before, after):
    pieces = differences(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after
