"""What is vendored: our own files only, complete enough to write French, and nothing that a strict CSP would refuse."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from fontTools.ttLib import TTFont

ROOT = Path(settings.BASE_DIR)
STATIC = ROOT / "ctg_site" / "static"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLESHEETS = sorted((STATIC / "css").glob("*.css"))


@pytest.mark.parametrize("weight", [400, 700])
def test_the_typeface_holds_every_sign_we_write(weight):
    font = TTFont(STATIC / f"fonts/source-sans-3-{weight}.woff2")
    signs = "éèêëàâçîïôùûüÿœæÉÀÇŒóíàl·lŀ«»’“”…–—€−≥≤½№→✓\u00a0\u202f\u2011"
    assert [sign for sign in signs if ord(sign) not in font.getBestCmap()] == []


def test_the_reduced_typeface_does_not_bear_the_name_its_licence_reserves():
    names = {
        str(record) for record in TTFont(STATIC / "fonts/source-sans-3-400.woff2")["name"].names if record.nameID == 1
    }
    assert names == {"Ctg Sans"}
    assert "OPEN FONT LICENSE" in (STATIC / "fonts/LICENSE").read_text().upper()


@pytest.mark.parametrize("stylesheet", STYLESHEETS, ids=lambda path: path.name)
def test_a_stylesheet_reads_only_files_of_ours(stylesheet):
    addresses = re.findall(r"url\(\s*[\"']?([^\"')]+)", stylesheet.read_text())
    outside = [address for address in addresses if not address.startswith("data:")]
    assert outside
    assert [address for address in outside if not (stylesheet.parent / address).resolve().is_file()] == []
    assert "@import" not in stylesheet.read_text()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_page_has_no_inline_style_nor_script(template):
    text = template.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"(?:src|srcset|href)=[\"']//", text)


def test_the_lock_of_the_assets_names_no_host():
    lock = (ROOT / "package-lock.json").read_text()
    assert '"resolved"' not in lock
