# syntax=docker/dockerfile:1

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
# Two builds: in one, the command line of `migration` would be compiled into `app`. Crates that both
# share are compiled once.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --release --package app && \
    cargo build --locked --release --package migration && \
    install -D --target-directory=/out target/release/app target/release/migration

FROM debian:bookworm-slim
# `app` serves; `migration upgrade head` makes the schema right before it.
COPY --from=build /out/ /usr/local/bin/
# Without a right to write anywhere: the database is elsewhere, or on a volume of this user's.
USER 10001:10001
WORKDIR /srv
ENV BIND_ADDR=0.0.0.0:8080 LOG_FORMAT=json
EXPOSE 8080
CMD ["app"]
