"""``{% csrf_token %}`` from the request itself: Django's own reads the context, which ``{% include … only %}`` leaves behind."""

from django import template
from django.middleware.csrf import get_token
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def csrf_token(context: template.Context) -> SafeString:
    request = getattr(context, "request", None)
    if request is None:  # a page rendered without a request has no form to send
        return SafeString("")
    return format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(request))
