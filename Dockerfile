# Two stages: the first installs what the lock says, the second holds only what runs. Read with compose.yaml and docs/operations.md.

FROM python:3.11-slim-bookworm AS dependencies
COPY requirements-scale.txt .
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement requirements-scale.txt

FROM python:3.11-slim-bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
 && rm -rf /var/lib/apt/lists/*

# The code belongs to root: the process that serves it can write in /data and nowhere else.
RUN useradd --system --uid 10001 --home-dir /data --create-home ctg
COPY --from=dependencies /venv /venv
COPY . /app
WORKDIR /app

ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    CTG_ENV=production \
    VAR_DIR=/data \
    STATIC_ROOT=/app/var/static

# Static files are part of the image. The key below only satisfies the check of the settings: nothing is signed here.
RUN SECRET_KEY=construction-de-l-image-sans-valeur-hors-de-cette-commande ALLOWED_HOSTS=construction \
    python manage.py collectstatic --no-input --verbosity 0

USER ctg
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "scripts/probe.py"]

# The worker is the same image with another command: python manage.py db_worker
CMD ["gunicorn", "ctg_site.wsgi", "--bind=0.0.0.0:8000", "--worker-class=gthread", "--workers=2", "--threads=4", "--worker-tmp-dir=/dev/shm", "--no-control-socket"]
