# Two stages: what is needed to install stays behind.
FROM python:3.13-slim AS build
WORKDIR /app
COPY requirements.lock ./
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /app faultline && install -d -m 700 -o faultline /app/data
WORKDIR /app
COPY --from=build /venv /venv
COPY config config
USER faultline
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 FAULTLINE_DATABASE__URL=sqlite:////app/data/faultline.db \
    MPLCONFIGDIR=/app/data/matplotlib
VOLUME /app/data
# The bot touches this file twice a minute for as long as its loop turns.
HEALTHCHECK --interval=1m --timeout=5s --start-period=1m \
  CMD test -n "$(find /app/data/faultline.db.alive -mmin -2)"
STOPSIGNAL SIGTERM
ENTRYPOINT ["faultline"]
CMD ["run"]
