# graphlink as a command, without root: input is mounted read-only, results go to a mounted folder.
#
#   docker build -t graphlink .
#   docker run --rm --read-only --tmpfs /tmp -v "$PWD/in:/data/in:ro" -v "$PWD/results:/data/results" \
#     graphlink run /data/in/graphlink.toml --out /data/results/today
#
# The explorer has to be reachable from outside the container; put a proxy with TLS in front of it:
#
#   docker run --rm --read-only --tmpfs /tmp -v "$PWD/results:/data/results:ro" -p 127.0.0.1:8000:8000 \
#     graphlink explore /data/results/today --host 0.0.0.0 --port 8000 --no-browser --allow-host localhost:8000

FROM python:3.13-slim AS build
WORKDIR /source
COPY . .
# The front end is built here, with a Node that pip fetches for the build; without it the build fails.
ENV GRAPHLINK_RELEASE=1
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim
LABEL org.opencontainers.image.title="graphlink" \
      org.opencontainers.image.licenses="GPL-3.0-or-later"
COPY --from=build /wheels /wheels
RUN python -m pip install --no-cache-dir --no-compile /wheels/*.whl \
    && rm -r /wheels \
    && useradd --create-home --uid 10001 graphlink \
    && install --directory --owner=graphlink --mode=0700 /data /data/results
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001
WORKDIR /data
VOLUME ["/data/results"]
ENTRYPOINT ["graphlink"]
CMD ["--help"]
