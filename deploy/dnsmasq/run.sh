#!/bin/sh
# dnsmasq with a log that does not grow without end: above 50 MB it becomes dnsmasq.log.1, and dnsmasq begins a new one (SIGUSR2).
# Ends with dnsmasq.
set -eu
log=/log/dnsmasq.log
dnsmasq --keep-in-foreground --conf-file=deploy/dnsmasq/dnsmasq.conf --pid-file= "$@" &
pid=$!
trap 'kill $pid' TERM INT
while kill -0 $pid 2>/dev/null; do
  if [ "$(stat -c %s $log 2>/dev/null || echo 0)" -gt 52428800 ]; then
    mv $log $log.1
    kill -USR2 $pid
  fi
  sleep 5 &
  wait $! || true
done
wait $pid
