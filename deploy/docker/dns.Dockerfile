# dnsmasq and unbound of Debian, for the two-step DNS. Runs as an ordinary user and writes to /log only.
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates dns-root-data dnsmasq-base ldnsutils unbound \
  && rm -rf /var/lib/apt/lists/* && useradd --uid 1000 names && install -d -o names -g names /log
WORKDIR /etc/netbehave
USER names
VOLUME /log
