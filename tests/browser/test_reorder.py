"""The axes of a plan change places by dragging as by their buttons: one gesture, one form."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitors import leave_by

pytestmark = pytest.mark.browser

PLAN, OFFICER = "/ctg/montagne-noire-2026-2030/plan/", "cooperation.montagnenoire@demo.example"
FIRST, SECOND = "1. Accueillir les jeunes enfants partout", "2. Faire vivre les villages"


def test_an_axis_is_dragged_below_the_next_and_a_button_brings_it_back(visit):
    page = visit(OFFICER)
    page.set_viewport_size({"width": 1280, "height": 2400})
    page.goto(PLAN)
    expect(page.locator(".plan-node > h4")).to_have_text([FIRST, SECOND])
    _drag_the_first_below_the_second(page)
    expect(page.locator(".plan-node > h4")).to_have_text([SECOND, FIRST])
    leave_by(page.get_by_role("button", name=f"Monter « {FIRST} »"))
    expect(page.locator(".plan-node > h4")).to_have_text([FIRST, SECOND])


def _drag_the_first_below_the_second(page: Page) -> None:
    axes = page.locator("[data-reorder]").first.locator("> .plan-node")
    handle, target = axes.nth(0).locator("> .drag-handle").bounding_box(), axes.nth(1).bounding_box()
    assert handle is not None
    assert target is not None
    page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    page.mouse.down()
    page.mouse.move(target["x"] + 100, target["y"] + 10, steps=5)
    with page.expect_navigation():
        page.mouse.move(target["x"] + 100, target["y"] + target["height"] - 4, steps=5)
        page.mouse.up()
