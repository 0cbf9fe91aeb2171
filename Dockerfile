# The service without demo, tests or build tools. Non-root; works with a read-only root file system:
# only ANTIN_HOME (a volume) and /tmp (a tmpfs) are written. Kept honest by `make dockerfile`, which needs no engine.
#   docker build -t antin . && docker run --read-only --tmpfs /tmp -v antin:/var/lib/antin -p 8000:8000 antin

FROM debian:bookworm-slim AS build
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3.11-venv ca-certificates
WORKDIR /opt/antin/source
COPY requirements.lock requirements-runtime.lock ./
COPY deploy/lock-part.sh deploy/lock-part.sh
# Every file that is installed is named by its hash; the tools that install and build stay in this stage.
RUN python3.11 -m venv /opt/antin/tools && python3.11 -m venv --without-pip /opt/antin/venv
RUN deploy/lock-part.sh requirements.lock uv hatchling packaging pathspec pluggy tomlkit trove-classifiers > tools.lock \
    && /opt/antin/tools/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r tools.lock
RUN VIRTUAL_ENV=/opt/antin/venv /opt/antin/tools/bin/uv pip sync -q --link-mode copy --require-hashes requirements-runtime.lock
COPY pyproject.toml README.md ./
COPY api/ api/
COPY signer/ signer/
COPY verifier/ verifier/
COPY certs/ certs/
COPY migrations/ migrations/
RUN /opt/antin/tools/bin/python -m hatchling build -t wheel -d /opt/antin/wheel \
    && VIRTUAL_ENV=/opt/antin/venv /opt/antin/tools/bin/uv pip install -q --offline --no-deps /opt/antin/wheel/*.whl \
    && /opt/antin/venv/bin/python -m compileall -q /opt/antin/venv

FROM debian:bookworm-slim
# fonts-croscore: Tinos, which the signer embeds in seals
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3.11 ca-certificates fonts-croscore \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /var/lib/antin --create-home --shell /usr/sbin/nologin antin
COPY --from=build /opt/antin/venv /opt/antin/venv
ENV PATH=/opt/antin/venv/bin:/usr/bin:/bin ANTIN_HOME=/var/lib/antin PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /var/lib/antin
VOLUME /var/lib/antin
USER antin
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["antin", "serve", "--bind", "0.0.0.0:8000"]
