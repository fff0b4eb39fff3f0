"""Ask the health page of the server beside us; the exit code is the answer. Used by the HEALTHCHECK of the image."""

import os
import sys
import urllib.error
import urllib.request

host = os.environ.get("ALLOWED_HOSTS", "127.0.0.1").split(",")[0].strip()
url = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/sante/"
try:
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Host": host}), timeout=4) as answer:
        sys.exit(answer.status != 200)
except (urllib.error.URLError, OSError) as error:
    sys.exit(f"{url} : {error}")
