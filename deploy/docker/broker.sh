#!/bin/sh
# `netbehave broker` on the volume /broker, for docker-compose.yml: init, add-site, remove-site, rotate. Then it lays out what each container may see:
#   /broker/hub        nats-server: configuration, public keys, its certificate; no keys of apps
#   /broker/keys/APP   that app: its own keys, and the CA of the broker's certificate
# and a folder for each app's data in the volume /data. Run again it adds what is missing.
set -eu
umask 077
node /app/apps/cli/src/main.ts broker "$@" --dir /broker

mkdir -p /broker/hub/tls
cp /broker/hub.conf /broker/public-keys.env /broker/hub/
cp /broker/tls/ca.pem /broker/tls/hub.pem /broker/tls/hub.key /broker/hub/tls/
for keys in /broker/keys/*/; do
  cp /broker/tls/ca.pem "$keys"
done

cd /data
mkdir -p nats collector flows days tmp gateway dns whois ipam alerter
