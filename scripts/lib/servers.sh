# Starts MariaDB, Redis, a Redis Cluster and chromedriver for one run, in a temporary folder. Other scripts source this file.

folder=""
servers=()

# Starts all of them, and exports their addresses for the tests.
start_servers() {
  start_stores
  start_redis_clusters 1
  start_chromedriver
  name_tools
}

# Exports the paths of programs that the tests start, which makes the tests fail instead of skip without them.
name_tools() {
  TEST_CURL=$(command -v curl)
  TEST_NGINX=$(command -v nginx)
  TEST_CADDY=$(command -v caddy)
  TEST_HAPROXY=$(command -v haproxy)
  TEST_TRAEFIK=$PWD/target/traefik/bin/traefik
  TEST_NODE_MODULES=$PWD/tests/front-ends/node_modules
  TEST_OPENAPI_NODE_MODULES=$PWD/tests/openapi-clients/node_modules
  TEST_OPENAPI_PYTHON=$PWD/target/openapi-python-client/bin
  TEST_SCHEMATHESIS=$PWD/target/schemathesis/bin/schemathesis
  TEST_RELYING_PARTY_NODE_MODULES=$PWD/tests/relying-parties/node_modules
  TEST_AUTHLIB=$PWD/target/authlib/bin/python
  TEST_APACHE=$(command -v apache2)
  export TEST_CURL TEST_NGINX TEST_CADDY TEST_HAPROXY TEST_TRAEFIK TEST_NODE_MODULES TEST_OPENAPI_NODE_MODULES \
    TEST_OPENAPI_PYTHON TEST_SCHEMATHESIS TEST_RELYING_PARTY_NODE_MODULES TEST_AUTHLIB TEST_APACHE TEST_ALL=1
}

# Starts MariaDB and Redis.
start_stores() {
  prepare_folder
  start_mariadb
  start_redis
}

# Creates the folder of the servers of this run, and removes it when they end.
prepare_folder() {
  trap stop_servers EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  folder=$(mktemp -d "${TMPDIR:-/tmp}/haoma-test.XXXXXX")
  # Also remove what a stopped test leaves behind.
  mkdir "$folder/tmp"
  export TMPDIR=$folder/tmp
}

# A starting MariaDB clears its folder for temporary tables, including those of other servers: so each gets its own.
start_mariadb() {
  local port user options
  port=$(free_port)
  user=$(id -un)
  mkdir "$folder/mariadb-tmp"
  options=(--no-defaults "--user=$user" "--datadir=$folder/mariadb" "--tmpdir=$folder/mariadb-tmp")
  mariadb-install-db "${options[@]}" --auth-root-authentication-method=normal --skip-test-db \
    >"$folder/mariadb-install.log" 2>&1 || say_log mariadb-install
  start mariadb "$port" mariadbd "${options[@]}" --bind-address=127.0.0.1 "--port=$port" \
    "--socket=$folder/mariadb.sock" "--pid-file=$folder/mariadb.pid" --skip-name-resolve \
    --max-connections=500 --innodb-flush-log-at-trx-commit=2
  export TEST_MYSQL_URL=mysql://root@127.0.0.1:$port
}

# Starts a cluster of two MariaDB servers that both accept writes; the first has the majority by weight.
start_galera() {
  local port group number
  # The program that copies the state from one to the other drops root rights.
  owner=$(id -un)
  [[ $EUID != 0 ]] || owner=mysql
  chmod o+x "$folder"
  chmod a+rwxt "$TMPDIR"
  for number in 0 1; do
    install --directory "--owner=$owner" "$folder/galera-$number-tmp"
    mariadb-install-db --no-defaults "--user=$owner" "--datadir=$folder/galera-$number" \
      "--tmpdir=$folder/galera-$number-tmp" --auth-root-authentication-method=normal --skip-test-db \
      >"$folder/galera-install.log" 2>&1 || say_log galera-install
  done
  group=$(free_port)
  port=$(free_port)
  start_galera_node 0 "$port" "$group" --wsrep-new-cluster
  TEST_GALERA_URLS=mysql://root@127.0.0.1:$port
  port=$(free_port)
  start_galera_node 1 "$port" "$(free_port)" "--wsrep-cluster-address=gcomm://127.0.0.1:$group"
  export TEST_GALERA_URLS+=" mysql://root@127.0.0.1:$port"
}

# start_galera_node NUMBER PORT GROUP OPTION, as `owner`
start_galera_node() {
  local number=$1 port=$2 group=$3
  start "galera-$number" "$port" mariadbd --no-defaults "--user=$owner" "--datadir=$folder/galera-$number" \
    "--tmpdir=$folder/galera-$number-tmp" --bind-address=127.0.0.1 "--port=$port" --socket=s --pid-file=p \
    --skip-name-resolve --max-connections=500 --innodb-flush-log-at-trx-commit=2 --binlog-format=ROW --innodb-autoinc-lock-mode=2 --wsrep-on=ON \
    --wsrep-sst-method=rsync "--wsrep-sst-receive-address=127.0.0.1:$(free_port)" \
    --wsrep-provider=/usr/lib/galera/libgalera_smm.so --wsrep-cluster-address=gcomm:// "$4" \
    "--wsrep-node-address=127.0.0.1:$group" "--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:$group;\
ist.recv_addr=127.0.0.1:$(free_port);pc.weight=$((2 - number));evs.keepalive_period=PT0.5S;evs.suspect_timeout=PT2S"
}

start_redis() {
  local port
  port=$(free_port)
  # Every test has a database of its own.
  start redis "$port" redis-server --bind 127.0.0.1 --port "$port" --databases 16384 \
    --save '' --appendonly no --dir "$folder" --pidfile "$folder/redis.pid"
  export TEST_REDIS_URL=redis://127.0.0.1:$port
}

# start_redis_clusters NUMBER: starts that many; each test uses one alone.
start_redis_clusters() {
  local number
  TEST_REDIS_CLUSTERS=""
  for ((number = 0; number < $1; number++)); do start_redis_cluster "$number"; done
  export TEST_REDIS_CLUSTERS=${TEST_REDIS_CLUSTERS# }
}

# Starts three masters with a third of the slots each; they learn of each other a moment later.
start_redis_cluster() {
  local number port bus name first nodes=() slots=("0 5460" "5461 10922" "10923 16383")
  for number in 0 1 2; do
    port=$(free_port)
    bus=$(free_port)
    name=cluster-$1-$number
    mkdir "$folder/$name"
    start "$name" "$port" redis-server --bind 127.0.0.1 --port "$port" --cluster-port "$bus" \
      --cluster-enabled yes --save '' --appendonly no --dir "$folder/$name"
    # shellcheck disable=SC2086
    redis-cli -p "$port" cluster addslotsrange ${slots[number]} >/dev/null
    first=${first-"127.0.0.1 $port $bus"}
    # shellcheck disable=SC2086
    redis-cli -p "$port" cluster meet $first >/dev/null
    nodes+=("127.0.0.1:$port")
  done
  TEST_REDIS_CLUSTERS+=" redis+cluster://${nodes[0]},${nodes[1]},${nodes[2]}"
}

start_chromedriver() {
  local port
  port=$(free_port)
  start chromedriver "$port" chromedriver "--port=$port"
  export TEST_WEBDRIVER_URL=http://127.0.0.1:$port
}

# start NAME PORT COMMAND…: starts it in a session of its own, so that Ctrl-C does not reach it, and waits until it listens.
start() {
  local name=$1 port=$2 pid
  setsid "${@:3}" >"$folder/$name.log" 2>&1 &
  pid=$!
  servers+=("$pid")
  for _ in {1..600}; do
    listens "$port" && return
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  say_log "$name"
}

say_log() {
  cat "$folder/$1.log" >&2
  echo "$1 did not start." >&2
  return 1
}

stop_servers() {
  local pid pids=()
  # The browser of a stopped test is a child of chromedriver.
  for pid in "${servers[@]}"; do pids+=($(children_of "$pid") "$pid"); done
  kill "${pids[@]}" 2>/dev/null || true
  wait "${servers[@]}" 2>/dev/null || true
  # The last of them may still be writing files.
  rm -rf "$folder" 2>/dev/null || { sleep 1 && rm -rf "$folder"; }
}

# Prints all descendants of a process, the youngest first.
children_of() {
  local child
  for child in $(cat "/proc/$1/task"/*/children 2>/dev/null); do
    children_of "$child"
    echo "$child"
  done
}

# Prints a free port below those of outgoing connections, so that none of them can take it meanwhile.
free_port() {
  local port
  while port=$((20000 + RANDOM % 12000)) && listens "$port"; do :; done
  echo "$port"
}

listens() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
