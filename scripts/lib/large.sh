# Creates a small and a large database for `scripts/bench large`. Other scripts source this file.

# Sessions and messages for each user; benches/load/src/large.rs uses the same rules.
export BENCH_SESSIONS=${BENCH_SESSIONS-5}
BENCH_MESSAGES=${BENCH_MESSAGES-5}
# A statement that reads more rows than this would be slower on larger tables.
handful=20

large() {
  local small=1000 size=$((${1:-1} * 1000000))
  # Memory for the pages in use, and a log large enough to be flushed slowly: the defaults are 128 MB and 96 MB.
  sql --execute="SET GLOBAL innodb_buffer_pool_size = ${BENCH_BUFFER_POOL_GB:-2} << 30"
  sql --execute="SET GLOBAL innodb_log_file_size = ${BENCH_LOG_GB:-4} << 30"
  fill "$small"
  fill "$size"
  come_to_rest
  "$load" large "$haoma" "$small" "$size" "${@:2}"
  plans "$size"
}

# fill PEOPLE: creates a database with that many users. Without these checks MariaDB loads an empty table in bulk.
fill() {
  local people=$1 sessions=$((BENCH_SESSIONS * $1)) messages=$((BENCH_MESSAGES * $1)) name=haoma_bench_$1 password
  password=$(openssl kdf -binary -keylen 32 -kdfopt digest:SHA256 -kdfopt iter:1000 -kdfopt salt:"salt of the load" \
    -kdfopt pass:"correct horse 7" PBKDF2 | base64 | tr -d =)
  password="\$pbkdf2-sha256\$i=1000,l=32\$$(printf 'salt of the load' | base64 | tr -d =)\$$password"
  echo "filling $name" >&2
  sql --execute="CREATE DATABASE $name"
  DATABASE_URL=$TEST_MYSQL_URL/$name "$haoma" migrate
  sql "$name" >&2 <<SQL
SET unique_checks = 0, foreign_key_checks = 0, time_zone = '+00:00', @now = UTC_TIMESTAMP(6);
INSERT INTO users (id, mobile, name, password_hash, status, created_at, updated_at, password_changed_at)
  SELECT 13000000000 + seq * 2654435761 % 7000000000, 13000000000 + seq * 2654435761 % 7000000000,
    CONCAT('person-', seq), '$password', 'active', @now, @now, @now
  FROM seq_1_to_$people;
INSERT INTO sessions
  SELECT SHA2(CONCAT(LPAD(seq, 42, '0'), 'A'), 256), MD5(seq), 13000000000 + (1 + seq % $people) * 2654435761 % 7000000000,
    'token', FALSE, 'a load test', '203.0.113.9', @now - INTERVAL seq % 3600 SECOND, @now + INTERVAL 1 HOUR,
    @now + INTERVAL 1 DAY + INTERVAL seq % 86400 SECOND
  FROM seq_1_to_$sessions;
INSERT INTO sms_messages (id, mobile, purpose, address, outcome, provider, created_at, finished_at)
  SELECT MD5(seq), 13000000000 + (1 + seq % $people) * 2654435761 % 7000000000, 'register', '203.0.113.9', 'sent', 'webhook',
    @now - INTERVAL seq * 15552000 DIV $messages SECOND, @now - INTERVAL seq * 15552000 DIV $messages SECOND
  FROM seq_1_to_$messages;
INSERT INTO sms_attempts (message_id, position, mobile, provider, outcome, took_ms, asked_at)
  SELECT id, 0, mobile, 'webhook', 'sent', 50, created_at FROM sms_messages;
ANALYZE TABLE users, sessions, sms_messages, sms_attempts;
SQL
}

# Flushes the new rows to disk. Otherwise requests would wait for other pages to be written, which does not happen in a
# service, because it does not fill its tables within minutes.
come_to_rest() {
  echo "writing" >&2
  sql --execute='SET GLOBAL innodb_max_dirty_pages_pct = 0, innodb_io_capacity_max = 20000, innodb_io_capacity = 20000'
  until (($(sql --skip-column-names --execute="SELECT variable_value FROM information_schema.global_status
    WHERE variable_name = 'Innodb_buffer_pool_pages_dirty'") < 100)); do sleep 1; done
  sql --execute='SET GLOBAL innodb_max_dirty_pages_pct = DEFAULT, innodb_io_capacity = 200, innodb_io_capacity_max = 2000'
  sync
}

# plans PEOPLE: prints how MariaDB executes each kind of statement that Haoma sends.
plans() {
  local statement kind seen=$'\n' plan verdict=0
  # The first walk sends what Haoma asks only once, while Redis is empty.
  "$load" walk "$haoma" "$1"
  sql --execute="SET GLOBAL log_output = 'TABLE'; TRUNCATE mysql.general_log; SET GLOBAL general_log = ON"
  "$load" walk "$haoma" "$1"
  sql --execute='SET GLOBAL general_log = OFF'
  printf '\n| statement | table, access, key, rows |\n|---|---|\n'
  while IFS= read -r statement; do
    kind=$(sed -E "s/'([^'\\\\]|\\\\.)*'/?/g; s/\b[0-9]+\b/?/g" <<<"$statement")
    [[ $seen != *$'\n'"$kind"$'\n'* ]] || continue
    seen+=$kind$'\n'
    plan=$(sql --skip-column-names "haoma_bench_$1" --execute="EXPLAIN $statement" |
      awk -F '\t' '{ printf "%s%s, %s, %s, %s", (NR > 1 ? "; " : ""), $3, $4, $6, $9 }')
    if ! awk -F '[,;] ' -v most="$handful" '{ for (i = 4; i <= NF; i += 4) if ($i + 0 > most) exit 1 }' <<<"$plan"; then
      plan+=" **reads too much**"
      verdict=1
    fi
    # The log quotes names with backticks, which would end the code in a Markdown cell.
    printf '| `%s` | %s |\n' "${kind//\`/}" "$plan"
  done < <(sql --skip-column-names --raw mysql --execute="SELECT argument FROM general_log
    WHERE command_type IN ('Query', 'Execute') AND argument REGEXP '^(SELECT|INSERT|UPDATE|DELETE)'
      AND argument NOT LIKE '%general_log%' ORDER BY event_time")
  return "$verdict"
}
