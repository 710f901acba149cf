# The services that `scripts/bench peers` compares with. Other scripts source this file.

peers_folder=target/peers
peers=(flask better-auth allauth)

# Installs each with its dependencies in a folder of its own, if something has changed.
install_peers() {
  local name sum folder
  for name in "${peers[@]}"; do
    folder=$PWD/$peers_folder/$name
    sum=$(cat "benches/peers/$name"/*.* "benches/peers/$name/install" | sha256sum)
    [[ $(cat "$folder/installed" 2>/dev/null) != "$sum" ]] || continue
    rm -rf "$folder"
    (cd "benches/peers/$name" && ./install "$folder")
    echo "$sum" >"$folder/installed"
  done
}

make_peers_databases() {
  local name
  for name in "${peers[@]}"; do sql --execute="CREATE DATABASE haoma_bench_${name//-/_}"; done
}
