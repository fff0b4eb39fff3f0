import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from ctg_site.lib.prose import ProseField, clean_line, clean_prose


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Un\x00 texte\x07", "Un texte"),
        ("sur\r\ndeux\rlignes\x0bet\u2028trois", "sur\ndeux\nlignes\net\ntrois"),
        ("\u202eruetua\u202c \u2066isolé\u2069\u200f\ufeff", "ruetua isolé"),
        ("\ud800seul", "seul"),
        ("e\u0301te\u0301", "été"),
        ("<b>gras</b> & « guillemets\u00a0»", "<b>gras</b> & « guillemets\u00a0»"),
        ("  \n ", ""),
        ("👩\u200d👧 famille", "👩\u200d👧 famille"),
    ],
)
def test_what_nobody_sees_is_removed_and_the_rest_stays(typed, kept):
    assert clean_prose(typed) == kept


def test_a_line_is_one_and_keeps_its_french_spaces():
    assert clean_line("Un  titre\nsur\tdeux lignes\u00a0: oui") == "Un titre sur deux lignes\u00a0: oui"


@given(st.text())
def test_cleaning_twice_changes_nothing_and_a_database_takes_it(text):
    cleaned = clean_prose(text)
    assert clean_prose(cleaned) == cleaned
    cleaned.encode()
    assert "\x00" not in cleaned


def test_a_field_takes_a_null_byte_but_says_how_long_is_too_long():
    field = ProseField(max_length=5)
    assert field.clean("a\x00b") == "ab"
    assert "maxlength" not in field.widget.attrs
    with pytest.raises(ValidationError, match="6"):
        field.clean("abcdef")


def test_a_field_that_may_be_null_stays_so():
    assert ProseField(required=False, empty_value=None).clean("\u202e") is None
    assert ProseField(required=False).clean(None) == ""
