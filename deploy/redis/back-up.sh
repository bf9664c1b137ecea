# Writes a copy of the append-only file of this Redis to stdout, as a tar, while everything goes on. Runs where Redis
# runs. As https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/ says: no rewrite of the file meanwhile.
#   REDIS_USER (keeper), REDISCLI_AUTH or PASSWORD_FILE, REDIS_PORT (6379), DATA (/data)
set -eu
: "${REDIS_USER:=keeper}" "${REDIS_PORT:=6379}" "${DATA:=/data}" "${PASSWORD_FILE:=/run/vagent/keeper-password}"
if [ -z "${REDISCLI_AUTH:-}" ]; then REDISCLI_AUTH=$(cat "$PASSWORD_FILE"); fi
export REDISCLI_AUTH
ask() { redis-cli -e -p "$REDIS_PORT" --user "$REDIS_USER" --no-auth-warning "$@"; }

percentage=$(ask config get auto-aof-rewrite-percentage | tail -n 1)
trap 'ask config set auto-aof-rewrite-percentage "$percentage" > /dev/null' EXIT
ask config set auto-aof-rewrite-percentage 0 > /dev/null
while ask info persistence | grep -Eq 'aof_rewrite_(in_progress|scheduled):1'; do sleep 1; done
# The last file grows while it is read (1): Redis takes an end that was cut off in the middle of a write.
tar -C "$DATA" -cf - appendonlydir || [ $? -eq 1 ]
