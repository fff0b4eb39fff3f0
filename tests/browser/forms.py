"""What a person does with a form: fill it in, send it, read why it is refused."""

from datetime import date
from decimal import Decimal
from typing import Any

from playwright.sync_api import Locator, Page

from tests.browser.visitors import leave_by, plain

ERRORS = "main .invalid-feedback, main .alert-danger li, main [role=alert] li, main .messages .note-stop"


def fill(page: Page, **answers: Any) -> None:
    """By the name of each field: a text, a day, a choice (its value or its words), or the words of several boxes."""
    for name, answer in answers.items():
        field = page.locator(f'main [name="{name}"]')
        kind = field.first.evaluate("field => field.tagName === 'SELECT' ? 'select' : field.type")
        if kind == "select":
            field.select_option(_shown(answer))
        elif kind in ("radio", "checkbox"):
            _tick(page, field, answer)
        else:
            field.fill(_shown(answer))


def send(page: Page, button: str) -> None:
    """Expecting that it is accepted."""
    leave_by(_button(page, button))
    assert refusals(page) == [], f"« {button} » est refusé"


def refused(page: Page, button: str) -> list[str]:
    """Expecting that it is refused: the sentences shown."""
    leave_by(_button(page, button))
    return refusals(page)


def refusals(page: Page) -> list[str]:
    return [plain(text).strip() for text in page.locator(ERRORS).all_inner_texts()]


def post(page: Page, path: str, **data: str) -> list[str]:
    """A direct POST, from somebody who skips the pages: the refusals that come back."""
    with page.expect_navigation():
        page.evaluate(DIRECT_POST, [path, data])
    return refusals(page)


DIRECT_POST = """([path, data]) => {
  const form = document.createElement('form');
  const token = document.querySelector('[name=csrfmiddlewaretoken]').value;
  for (const [name, value] of Object.entries({csrfmiddlewaretoken: token, ...data})) {
    const field = document.createElement('input');
    Object.assign(field, {type: 'hidden', name, value});
    form.append(field);
  }
  Object.assign(form, {method: 'post', action: path});
  document.body.append(form);
  form.submit();
}"""


def _button(page: Page, name: str) -> Locator:
    return page.locator("main").get_by_role("button", name=name, exact=True).first


def _tick(page: Page, field: Locator, answer: Any) -> None:
    if isinstance(answer, bool):
        field.set_checked(answer)
    elif isinstance(answer, str):
        field.and_(page.get_by_label(answer)).first.check()
    else:
        for words in answer:
            field.and_(page.get_by_label(words, exact=True)).check()


def _shown(answer: Any) -> str:
    if isinstance(answer, date):
        return answer.isoformat()
    if isinstance(answer, Decimal):
        return str(answer).replace(".", ",")
    return str(answer)
