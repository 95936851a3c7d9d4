#!/bin/bash
# As the public image does it: an empty volume becomes a database with the password of POSTGRES_PASSWORD or its _FILE, then
# the server runs as the user postgres.
set -eu
export PGDATA=/var/lib/postgresql/18/docker PATH=/usr/local/pgsql/bin:$PATH

as_postgres() { setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@"; }

mkdir -p "$PGDATA"
chown postgres /var/lib/postgresql/18 "$PGDATA"
chmod 700 "$PGDATA"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  password=/tmp/password
  (umask 077; { [ -z "${POSTGRES_PASSWORD_FILE:-}" ] && printf %s "$POSTGRES_PASSWORD" || cat "$POSTGRES_PASSWORD_FILE"; } > $password)
  chown postgres $password
  # shellcheck disable=SC2086 # several words
  as_postgres initdb --pgdata="$PGDATA" --username=postgres --auth=scram-sha-256 --pwfile=$password ${POSTGRES_INITDB_ARGS:-}
  rm $password
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
fi
chown postgres /var/run/postgresql
exec setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@" -clisten_addresses='*' -cunix_socket_directories=/var/run/postgresql
