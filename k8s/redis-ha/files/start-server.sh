# Starts one of the Redis servers as what the sentinels say that it is. Until one of them answers nobody is the master:
# better to wait than to begin with an old copy.
set -eu
: "${DOMAIN:=redis}" "${SENTINEL:=redis-sentinel}" "${SENTINEL_PORT:=26379}" "${SECRETS:=/run/vagent}" "${OWN:=/run/redis}"
self="$POD.$DOMAIN"
until master=$(redis-cli -h "$SENTINEL" -p "$SENTINEL_PORT" sentinel get-master-addr-by-name vagent | head -n 1) \
  && [ -n "$master" ]; do
  echo 'No sentinel answers yet'
  sleep 2
done
{
  echo "include ${CONFIG:-/etc/redis}/redis.conf"
  echo "replica-announce-ip $self"
  echo 'masteruser replica'
  echo "masterauth $(cat "$SECRETS/replica-password")"
  if [ "$master" != "$self" ]; then echo "replicaof $master 6379"; fi
} > "$OWN/redis.conf"
exec redis-server "$OWN/redis.conf"
