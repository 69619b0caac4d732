#!/bin/sh
# Makes .venv from a lock file. Usage: tools/setup.sh run|dev. Needs python3 (3.11 or 3.12); works as root or not.
set -eu
cd "$(dirname "$0")/.."
profile=$1
# Two calls at once: the second waits for the first, then finds everything there.
if command -v flock >/dev/null 2>&1; then
    mkdir -p var
    exec 9>var/setup.lock
    flock 9
fi
lock="requirements/$profile.lock"
stamp=".venv/.complete-$profile"
want=$(cksum < "$lock")
# What the tests need holds what the portal needs, too.
if [ -f ".venv/.complete-dev" ] && [ "$profile" = run ] && [ "$(cat .venv/.complete-dev)" = "$(cksum < requirements/dev.lock)" ]; then exit 0; fi
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then exit 0; fi

python=
for name in python3.12 python3.11 python3; do
    if command -v "$name" >/dev/null 2>&1 && "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; then
        python=$name
        break
    fi
done
if [ -z "$python" ]; then
    echo "Python 3.11 or 3.12 is needed; install it (Debian: apt-get install python3 python3-venv) and run this again." >&2
    exit 1
fi
rm -f .venv/.complete-run .venv/.complete-dev
if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    rm -rf .venv
    echo "Making .venv ..."
    without_pip=
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
            # Debian and Ubuntu ship Python without this part.
            version=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
            apt-get update -qq >/dev/null
            apt-get install -y -qq --no-install-recommends "$version-venv" >/dev/null
        elif "$python" -c 'import pip, venv' 2>/dev/null; then
            without_pip=--without-pip
        else
            echo "Python lacks its venv part. Install it (Debian: apt-get install python3-venv) and run this again." >&2
            exit 1
        fi
    fi
    "$python" -m venv $without_pip .venv
    if [ -n "$without_pip" ]; then
        "$python" -m pip --python .venv/bin/python install --quiet --disable-pip-version-check pip
    fi
fi
echo "Installing the pinned components (once) ..."
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$lock"
echo "$want" > "$stamp"
