from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """What every page may need to know of the installation."""
    return {"DEMO": settings.DEMO}
