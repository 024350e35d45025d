#!/bin/sh
# Browser tests drive a real Chromium; where none is found it is installed by apt.
set -eu

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then exit 0; fi
done

if [ -n "${CHROMIUM:-}" ]; then exit 0; fi

refuse() {
    echo "Browser tests need Chromium, and $1." >&2
    echo "Install it yourself (on Debian: apt-get install chromium), or set CHROMIUM to its path." >&2
    exit 1
}

command -v apt-get >/dev/null || refuse "there is no apt-get here to install it with"
if [ "$(id -u)" -eq 0 ]; then
    as_root=""
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    refuse "installing it by apt needs root or sudo without a password"
fi

echo "Installing Chromium by apt …" >&2
{
    $as_root apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive $as_root apt-get install -qq -y --no-install-recommends chromium
} >&2 || refuse "apt-get could not install it (its own words are above)"
command -v chromium >/dev/null || refuse "apt-get installed no chromium"
