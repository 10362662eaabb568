# A throw-away PostgreSQL, and the installation of what is missing. tests/run, tests/bench and tests/campaign source this file; they
# define say (a line of progress) and fail (the last line) before. What is in `removed_at_the_end` goes when they end.
# shellcheck shell=bash

# --- What is needed, and installed where that is possible -----------------------------------------------------------

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo -n "$@"
  fi
}

can_install() {
  command -v apt-get >/dev/null 2>&1 || return 1
  [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; }
}

apt_updated=no
install() { # what it is for, then the packages
  local what=$1
  shift
  can_install || fail "$what is missing. Install it (Debian, Ubuntu: apt-get install $*) and run this again."
  say "installing $what ($*)"
  if [ "$apt_updated" = no ]; then
    as_root apt-get update -qq || fail "the package lists could not be read, so $what could not be installed ($*)"
    apt_updated=yes
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
    fail "$what could not be installed. Install it by hand: apt-get install $*"
}

# The newest of Debian's versioned folders is preferred: what is on the PATH may be a wrapper or only the client.
postgres_bin() {
  local folder
  while IFS= read -r folder; do
    if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ]; then
      printf '%s\n' "$folder"
      return 0
    fi
  done < <(find /usr/lib/postgresql /usr/pgsql-* /opt/homebrew/opt/postgresql* -maxdepth 2 -name bin 2>/dev/null | sort -rV)
  folder=$(command -v initdb 2>/dev/null) || return 1
  folder=$(dirname -- "$(readlink -f -- "$folder")")
  [ -x "$folder/postgres" ] || return 1
  printf '%s\n' "$folder"
}

# --- A PostgreSQL of our own ----------------------------------------------------------------------------------------

removed_at_the_end=()
server=""

stop_server() {
  [ -n "$server" ] || return 0
  # SIGINT is a fast shutdown: it does not wait for clients.
  kill -INT "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  server=""
}

clean_up() {
  local code=$?
  trap - EXIT
  stop_server
  rm -rf -- "${removed_at_the_end[@]}"
  exit "$code"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Where its programs are; installs them where that is possible.
postgres_programs=""
find_programs() {
  if ! postgres_programs=$(postgres_bin); then
    # Debian's package would start a server of its own on this machine; this says no.
    if can_install && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
      as_root mkdir -p /etc/postgresql-common/createcluster.d
      printf 'create_main_cluster = false\n' |
        as_root tee /etc/postgresql-common/createcluster.d/no-main-cluster.conf >/dev/null
    fi
    install "PostgreSQL's server" postgresql
    postgres_programs=$(postgres_bin) || fail "PostgreSQL's initdb was not found after the installation"
  fi
}

# Who runs it: the server refuses to run as root, so root hands it to an unprivileged user.
postgres_user() {
  if [ "$(id -u)" != 0 ]; then
    id -un
  elif id postgres >/dev/null 2>&1; then
    printf 'postgres\n'
  else
    printf 'nobody\n'
  fi
}

# Starts it below a folder and exports APPORTION_TEST_POSTGRES_URL.
start_server() {
  local bin try port runner folder
  find_programs
  bin=$postgres_programs

  folder=$(mktemp -d "$1/apportion-postgres.XXXXXX")
  removed_at_the_end+=("$folder")
  runner=$(postgres_user)
  local as_runner=(env)
  if [ "$(id -u)" = 0 ]; then
    as_runner=(setpriv --reuid="$runner" --regid="$(id -g "$runner")" --clear-groups --)
    chown "$runner" "$folder"
  fi
  say "PostgreSQL: a throw-away cluster in $folder ($("$bin/postgres" --version), as $runner)"
  (cd "$folder" && "${as_runner[@]}" "$bin/initdb" --pgdata="$folder/data" --username=apportion --auth=trust \
    --encoding=UTF8 --no-locale >"$folder/initdb.log" 2>&1) || {
    cat "$folder/initdb.log" >&2
    fail "initdb failed"
  }

  for try in 1 2 3 4 5 6 7 8 9 10; do
    port=$((20000 + RANDOM % 12000))
    port_is_free "$port" || continue
    # Loopback only (no socket file: the folder's path may be too long for one), durable as in production, and room for
    # tests that run side by side.
    (cd "$folder" && exec "${as_runner[@]}" "$bin/postgres" -D "$folder/data" -p "$port" -k "" \
      -c listen_addresses=127.0.0.1 -c fsync=on -c max_connections=400) >"$folder/server.log" 2>&1 &
    server=$!
    for _ in $(seq 1 150); do
      kill -0 "$server" 2>/dev/null || break
      if "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" -U apportion -d postgres; then
        say "PostgreSQL: listening on 127.0.0.1:$port"
        export APPORTION_TEST_POSTGRES_URL="postgres://apportion@127.0.0.1:$port/postgres"
        return 0
      fi
      sleep 0.2
    done
    stop_server
    say "PostgreSQL: no start on port $port (try $try)"
  done
  cat "$folder/server.log" >&2
  fail "PostgreSQL did not start"
}
