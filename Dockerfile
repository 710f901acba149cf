# docker build -t haoma .
FROM rust:1.95-slim-trixie AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --package haoma --bin haoma

FROM debian:trixie-slim
# Haoma verifies the certificates of SMS vendors with these.
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/haoma --create-home haoma
COPY --from=build /src/target/release/haoma /usr/local/bin/haoma
COPY LICENSE THIRD-PARTY-NOTICES.md /usr/share/doc/haoma/
# A number, so that an orchestrator can see that the user is not root.
USER 10001
WORKDIR /var/lib/haoma
ENV BIND=0.0.0.0:8080
EXPOSE 8080
ENTRYPOINT ["haoma"]
