# Abiline in one image: libraries, the encoder and the trained bot are in it, so a container needs no network but its database.
#
#   docker build -t abiline .
#   docker run -p 127.0.0.1:8000:8000 -v abiline:/data abiline

FROM python:3.11-slim-bookworm AS made
RUN pip install --no-cache-dir uv==0.9.* && apt-get update && apt-get install -y --no-install-recommends gcc g++ && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/abiline
COPY requirements.lock pyproject.toml README.md LICENSE ./
# Every file by its hash; compiled here, since a process that may not write would compile them anew at each start.
RUN uv venv --python 3.11 /opt/abiline && uv pip sync --python /opt/abiline/bin/python --require-hashes --compile-bytecode requirements.lock
COPY actions actions
COPY bench bench
COPY bot bot
COPY data data
COPY handoff handoff
COPY config.yml domain.yml endpoints.yml credentials.yml ./
ENV PATH=/opt/abiline/bin:$PATH ABILINE_MODEL_DIR=/srv/abiline/models ABILINE_DATA_DIR=/tmp/building
RUN uv pip install --python /opt/abiline/bin/python --no-deps --editable . && abiline train && python -m compileall -q actions bot handoff && rm -rf /tmp/building

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data abiline && install -d -o abiline -g abiline -m 700 /data
COPY --from=made /opt/abiline /opt/abiline
COPY --from=made /srv/abiline /srv/abiline
# What was read of entries is kept between starts; the rest of the image is never written.
RUN install -d -o abiline -g abiline /srv/abiline/models/cache && chown -R abiline:abiline /srv/abiline/models/cache
WORKDIR /srv/abiline
ENV PATH=/opt/abiline/bin:$PATH PYTHONUNBUFFERED=1 HF_HUB_OFFLINE=1 \
    ABILINE_HOST=0.0.0.0 ABILINE_PORT=8000 ABILINE_DATA_DIR=/data ABILINE_MODEL_DIR=/srv/abiline/models ABILINE_LOG_FORMAT=json
USER 10001:10001
VOLUME ["/data", "/srv/abiline/models/cache"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
CMD ["abiline", "serve"]
