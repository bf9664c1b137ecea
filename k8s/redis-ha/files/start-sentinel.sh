# Starts a sentinel. What it has learnt (who is the master, who else watches) it writes into its own file: only the
# first start begins with redis-0.
set -eu
: "${DOMAIN:=redis}" "${SENTINELS:=redis-sentinel}" "${SECRETS:=/run/vagent}" "${DATA:=/data}"
file="$DATA/sentinel.conf"
if [ ! -s "$file" ]; then
  {
    echo 'port 26379'
    echo "dir $DATA"
    echo 'protected-mode no'
    echo 'sentinel resolve-hostnames yes'
    echo 'sentinel announce-hostnames yes'
    echo "sentinel announce-ip $POD.$SENTINELS"
    echo "sentinel monitor vagent redis-0.$DOMAIN 6379 2"
    echo 'sentinel down-after-milliseconds vagent 5000'
    echo 'sentinel failover-timeout vagent 30000'
    echo 'sentinel parallel-syncs vagent 1'
    echo 'sentinel auth-user vagent sentinel'
    echo "sentinel auth-pass vagent $(cat "$SECRETS/sentinel-password")"
  } > "$file.new"
  mv "$file.new" "$file"
fi
exec redis-server "$file" --sentinel
