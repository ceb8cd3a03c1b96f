# Two images of one static binary:
#   docker build --target log-center      -t log-center .
#   docker build --target k8s-pod-monitor -t k8s-pod-monitor .
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends musl-tools make && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY rust-toolchain.toml ./
RUN rustup target add x86_64-unknown-linux-musl
COPY . .
RUN cargo build --locked --profile dist --features jemalloc --target x86_64-unknown-linux-musl -p logcenter-cli --bin logcenter \
    && mkdir -p /empty/data

# Scans the pods of MONITOR_NAMESPACE once and ends: an image for a CronJob, without a command of its own.
FROM scratch AS k8s-pod-monitor
COPY --from=build /src/target/x86_64-unknown-linux-musl/dist/logcenter /logcenter
USER 65532:65532
ENTRYPOINT ["/logcenter", "k8s", "scan"]

FROM scratch AS log-center
COPY --from=build /src/target/x86_64-unknown-linux-musl/dist/logcenter /logcenter
COPY --from=build --chown=65532:65532 /empty/data /data
USER 65532:65532
# LOGCENTER_ADMIN_TOKEN must be given: without it nothing but the container itself could reach the server.
ENV LOGCENTER_LISTEN=0.0.0.0:8002 LOGCENTER_DASHBOARD_LISTEN=0.0.0.0:8003 LOGCENTER_DATABASE=/data/logcenter.db LOGCENTER_LOG_FORMAT=json
EXPOSE 8002 8003
VOLUME /data
ENTRYPOINT ["/logcenter"]
CMD ["serve"]
