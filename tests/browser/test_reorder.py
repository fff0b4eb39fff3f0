"""The axes of a plan change places by dragging as by their buttons: one gesture, one form."""

import pytest
from playwright.sync_api import FloatRect, Page, expect

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
    _let_go_with_escape(page)
    expect(page.locator(".plan-node > h4")).to_have_text([FIRST, SECOND])
    _drag_by_finger(page)
    expect(page.locator(".plan-node > h4")).to_have_text([SECOND, FIRST])
    leave_by(page.get_by_role("button", name=f"Monter « {FIRST} »"))
    expect(page.locator(".plan-node > h4")).to_have_text([FIRST, SECOND])


def _places(page: Page) -> tuple[FloatRect, FloatRect]:
    """The handle of the first axis, the box of the second."""
    axes = page.locator("[data-reorder]").first.locator("> .plan-node")
    handle, target = axes.nth(0).locator("> .drag-handle").bounding_box(), axes.nth(1).bounding_box()
    assert handle is not None
    assert target is not None
    return handle, target


def _hold_the_first_below_the_second(page: Page) -> None:
    handle, target = _places(page)
    page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    page.mouse.down()
    page.mouse.move(target["x"] + 100, target["y"] + 10, steps=5)
    page.mouse.move(target["x"] + 100, target["y"] + target["height"] - 4, steps=5)
    expect(page.locator(".drop-after")).to_have_count(1)


def _drag_the_first_below_the_second(page: Page) -> None:
    _hold_the_first_below_the_second(page)
    with page.expect_navigation():
        page.mouse.up()


def _let_go_with_escape(page: Page) -> None:
    _hold_the_first_below_the_second(page)
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.locator(".dragged, .drop-after")).to_have_count(0)


def _drag_by_finger(page: Page) -> None:
    handle, target = _places(page)
    fingers = page.context.new_cdp_session(page)
    x, start, end = handle["x"] + handle["width"] / 2, handle["y"] + 10, target["y"] + target["height"] - 4

    def touch(kind: str, *places: float) -> None:
        points = [{"x": x, "y": y} for y in places]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", start)
    for step in range(1, 6):
        touch("touchMove", start + (end - start) * step / 5)
    with page.expect_navigation():
        touch("touchEnd")
