"""Finds a Chromium for the browser tests, or installs one; prints its path. Standard library only.

As root on Debian: apt-get. Otherwise on Debian: the packages are fetched and unpacked under ``var/``, with no rights
needed (measured: 45 s, 530 MB). Elsewhere, or where apt has no Chromium: the browser that Playwright brings.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGES = ("chromium", "fonts-noto-core")
UNPACKED = ROOT / "var" / "browser"
# The machine's own loader needs the machine's own C library: these stay packed.
KEPT_OUT = ("libc6_", "libc-bin_", "libc6-")


def run(*command: str, cwd: Path | None = None) -> None:
    subprocess.run(
        command, check=True, cwd=cwd, stdout=subprocess.DEVNULL, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    )


def found() -> str | None:
    wrapper = UNPACKED / "chromium"
    if wrapper.exists():
        return str(wrapper)
    of_playwright = sorted((UNPACKED / "playwright").glob("chromium-*/*/chrome"))
    if of_playwright:
        return str(of_playwright[-1])
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install_as_root() -> None:
    run("apt-get", "update", "-qq")
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES)


def unpack_without_root() -> None:
    """apt's own resolver with a private state, then dpkg-deb -x: nothing outside ``var/`` is touched."""
    state, archives, root = UNPACKED / "apt", UNPACKED / "archives", UNPACKED / "root"
    for folder in (state / "lists" / "partial", archives / "partial", root):
        folder.mkdir(parents=True, exist_ok=True)
    (state / "status").touch()
    options = [
        "-o", f"Dir::State={state}", "-o", f"Dir::State::status={state / 'status'}", "-o", f"Dir::Cache={UNPACKED}",
        "-o", f"Dir::Cache::archives={archives}", "-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User=",
        "-o", "APT::Install-Recommends=false",
    ]  # fmt: skip
    run("apt-get", *options, "update", "-qq")
    run("apt-get", *options, "install", "-y", "-qq", "--download-only", *PACKAGES)
    for package in sorted(archives.glob("*.deb")):
        if not package.name.startswith(KEPT_OUT):
            run("dpkg-deb", "-x", str(package), str(root))
        package.unlink()
    folders = {p.parent for top in ("lib", "usr/lib") for p in (root / top).rglob("*.so*") if p.is_file()}
    libraries = ":".join(str(p) for p in sorted(folders))
    if not (root / "usr/lib/chromium/chromium").exists():
        raise FileNotFoundError("these packages hold no Chromium")
    fonts = UNPACKED / "fonts.conf"
    fonts.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{root}/usr/share/fonts</dir><cachedir>{UNPACKED}/fontcache</cachedir></fontconfig>"
    )
    wrapper = UNPACKED / "chromium"
    partial = wrapper.with_suffix(".new")
    partial.write_text(
        f'#!/bin/sh\nexport LD_LIBRARY_PATH="{libraries}" FONTCONFIG_FILE="{fonts}"\nexec "{root}/usr/lib/chromium/chromium" "$@"\n'
    )
    partial.chmod(0o755)
    partial.replace(wrapper)


def install_with_playwright() -> None:
    """Playwright's own Chromium, into ``var/`` as well."""
    os.environ["PLAYWRIGHT_BROWSERS_PATH"] = str(UNPACKED / "playwright")
    run(sys.executable, "-m", "playwright", "install", "chromium")


def main() -> int:
    here = found()
    ways = [install_with_playwright]
    if shutil.which("apt-get"):
        ways.insert(0, install_as_root if os.geteuid() == 0 else unpack_without_root)
    for way in ways:
        if here is None:
            sys.stderr.write("Installing Chromium for the browser tests (once) ...\n")
            try:
                way()
            except (OSError, subprocess.CalledProcessError) as error:
                sys.stderr.write(f"That did not work: {error}\n")
            here = found()
    if here is None:
        sys.stderr.write("No Chromium was found. Install Chromium or Chrome and run this again.\n")
        return 1
    sys.stdout.write(f"{here}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
