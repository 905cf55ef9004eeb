# Two images from one file: `site` (the default, what runs) and `migrate` (the site and the migration toolkit, for the
# one-off move of an old shop). Built by scripts/image; the rehearsal replaces PYTHON_IMAGE by a base made on the spot.
ARG PYTHON_IMAGE=docker.io/library/python:3.13.16-slim-trixie@sha256:70729b46c69b4f1e97c4822c1af3df53a1476cf5ddc6c087c0c10bc3a5678c2f

# checkov:skip=CKV_DOCKER_7: PYTHON_IMAGE carries a tag and a digest
FROM ${PYTHON_IMAGE} AS python

FROM python AS tools
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /src
COPY requirements/uv.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/uv.txt

FROM tools AS wheel
COPY requirements/build.txt requirements/
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN --mount=type=cache,target=/root/.cache uv build --wheel --require-hashes --build-constraints requirements/build.txt

FROM tools AS site-packages
COPY requirements/site.txt requirements/
RUN --mount=type=cache,target=/root/.cache uv venv /opt/secondhand \
    && uv pip install --python /opt/secondhand --require-hashes -r requirements/site.txt
COPY --from=wheel /src/dist dist
RUN uv pip install --python /opt/secondhand --no-deps --offline dist/*.whl

FROM site-packages AS migrate-packages
COPY requirements/migrate.txt requirements/
RUN --mount=type=cache,target=/root/.cache uv pip install --python /opt/secondhand --require-hashes -r requirements/migrate.txt

FROM python AS base
ARG PYTHON_IMAGE
RUN groupadd --gid 10001 secondhand \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin secondhand
ENV PATH=/opt/secondhand/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
LABEL org.opencontainers.image.title="secondhand" \
    org.opencontainers.image.description="A second-hand clothes marketplace" \
    org.opencontainers.image.licenses="MIT" \
    org.opencontainers.image.base.name="${PYTHON_IMAGE}"
STOPSIGNAL SIGTERM

FROM base AS migrate
# The packages of the base's own Debian release: the base is pinned by digest, its security updates are wanted.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*
COPY --from=migrate-packages /opt/secondhand /opt/secondhand
# So that a job need not compile it first.
RUN python3 -c "from migrate.transcode import native; native.load()"
USER 10001:10001
HEALTHCHECK NONE
ENTRYPOINT ["migrate"]
CMD ["--help"]

FROM base AS site
COPY --from=site-packages /opt/secondhand /opt/secondhand
# So that no start compiles the templates; who runs the image may read them.
RUN python3 -c "from secondhand.pages import templates; [templates().get_template(name) for name in templates().list_templates()]" \
    && chmod a+r /opt/secondhand/lib/python3.*/site-packages/secondhand/__pycache__/*
ENV SECONDHAND_HOST=0.0.0.0 SECONDHAND_PORT=8000
USER 10001:10001
EXPOSE 8000 9000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/live', timeout=2)"]
ENTRYPOINT ["secondhand"]
CMD ["serve"]
