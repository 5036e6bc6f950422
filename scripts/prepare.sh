# What every command of this project needs before it can start: Node's packages, and now and then a program of the
# system. Read into scripts/test and scripts/demo with `source`; it defines functions and does nothing by itself.

# Says one sentence on standard error and ends the command.
stop_with() {
  echo "claw-gateway: $*" >&2
  exit 1
}

# A Node that can run npm; the one that runs the gateway comes from the lock file.
need_npm() {
  command -v node >/dev/null && command -v npm >/dev/null || stop_with 'install Node.js 18 or newer with npm first.'
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge 18 ] || stop_with "Node.js $major is too old to install the packages; 18 or newer is needed."
}

# `npm ci` when node_modules is missing or older than the lock file; then the pinned Node stands first in PATH.
install_node_packages() {
  if [ ! -x node_modules/.bin/node ] || [ ! -f node_modules/.package-lock.json ] ||
    [ package-lock.json -nt node_modules/.package-lock.json ]; then
    need_npm
    echo 'Installing packages (npm ci) …' >&2
    local log
    log=$(mktemp)
    if ! npm ci --no-progress --loglevel=error >"$log" 2>&1; then
      tail -n 40 "$log" >&2
      rm -f "$log"
      stop_with 'npm ci failed; its last lines are above.'
    fi
    rm -f "$log"
    # A lock file that changed nothing leaves the old stamp; without this every later run would install again.
    touch node_modules/.package-lock.json
  fi
  PATH="$PWD/node_modules/.bin:$PATH"
  export PATH
}

# Installs programs of the system that are missing: install_system_programs command:package …
install_system_programs() {
  local missing=() pair sudo=()
  for pair in "$@"; do
    command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  command -v apt-get >/dev/null ||
    stop_with "please install ${missing[*]} with this system's package manager, then run this again."
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || stop_with "please run: sudo apt-get install ${missing[*]}"
    sudo=(sudo -n)
  fi
  echo "Installing ${missing[*]} …" >&2
  local get=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120)
  local install=("${get[@]}" install --yes --no-install-recommends "${missing[@]}")
  # A fresh machine has no package lists yet, so the first try may fail and the lists are fetched only then.
  "${install[@]}" >/dev/null 2>&1 && return 0
  "${get[@]}" update >/dev/null || stop_with "apt-get update failed, so ${missing[*]} cannot be installed."
  "${install[@]}" >/dev/null || stop_with "apt-get could not install ${missing[*]}; its message is above."
}
