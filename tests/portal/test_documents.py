"""What the documents say about settings and packages is true of the code."""

import re
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from core.db import psycopg_url
from core.errors import ConfigurationError
from core.settings import ROOT, load_settings
from portal.embedded import EmbeddedServer
from portal.migrate import _check_reading, migrate
from tests.conftest import _at

GOOD = {
    "DATABASE_URL": "postgresql://a:b@h/d",
    "PUBLIC_URL": "https://passage.example",
    "SECRET_KEY": "ab" * 32,
    "MASTER_KEY": "cd" * 32,
    "MAIL_URL": "smtp://mail.example",
    "SMS_URL": "https://sms.example",
}


def test_every_setting_is_explained_in_the_deployment_guide():
    source = (ROOT / "core" / "settings.py").read_text(encoding="utf-8")
    names = set(re.findall(r'"([A-Z][A-Z_]{2,})"', source)) - {"SECRET_KEY", "MASTER_KEY", "TESTING", "DEMO"}
    guide = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    assert [name for name in sorted(names) if f"`{name}`" not in guide] == []
    assert "`DEMO`" in guide


def test_every_setting_stands_in_the_readme():
    source = (ROOT / "core" / "settings.py").read_text(encoding="utf-8")
    names = set(re.findall(r'"([A-Z][A-Z_]{2,})"', source)) - {"TESTING"}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in sorted(names) if f"`{name}`" not in readme] == []


def test_the_command_line_runs_from_any_folder_and_the_readme_names_its_commands(tmp_path: Path):
    (tmp_path / "portal").symlink_to(ROOT / "tools" / "portal")
    shown = subprocess.run([tmp_path / "portal", "--help"], capture_output=True, text=True, check=True, cwd=tmp_path)
    commands = re.findall(r"^  (\w[\w-]+)  ", shown.stdout.partition("Commands:")[2], re.M)
    assert "serve" in commands
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = readme.partition("## Command line")[2].partition("\n## ")[0]
    assert [c for c in commands if not re.search(rf"\b{c}\b", listed)] == []


def test_every_direct_dependency_is_explained():
    direct = set()
    for name in ("run", "dev"):
        lines = (ROOT / "requirements" / f"{name}.in").read_text(encoding="utf-8").split()
        direct |= {
            re.split(r"[\[<>=,]", line)[0] for line in lines if not line.startswith(("-", "<")) and ".in" not in line
        }
    listed = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    rows = {n.strip() for row in re.findall(r"^\| ([^|]+) \|", listed, re.M) for n in row.split(",")} - {"package"}
    assert rows == direct


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"PUBLIC_URL": ""}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "http://passage.example"}, "https://"),
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"MASTER_KEY": "short"}, "MASTER_KEY"),
        ({"MASTER_KEY": "", "MASTER_KEY_FILE": "/nowhere"}, "MASTER_KEY_FILE"),
        ({"MAIL_URL": ""}, "MAIL_URL"),
        ({"SMS_URL": ""}, "SMS_URL"),
        ({"SMS_WEBHOOK_SECRET": "short"}, "SMS_WEBHOOK_SECRET"),
        ({"PORT": "80a"}, "PORT"),
        ({"PORT": "70000"}, "PORT"),
        ({"DEMO": "perhaps"}, "DEMO"),
        ({"COUNTRY": "xx"}, "COUNTRY"),
        ({"STRIPE_SECRET_KEY": "sk"}, "STRIPE_WEBHOOK_SECRET"),
        ({"OIDC_ISSUER": "https://id.example"}, "OIDC_CLIENT_ID"),
        ({"OIDC_ISSUER": "http://id.example", "OIDC_CLIENT_ID": "x"}, "https://"),
    ],
)
def test_a_missing_or_malformed_setting_stops_the_start_naming_itself(changed: dict[str, str], named: str):
    assert load_settings(GOOD).public_url == "https://passage.example"
    with pytest.raises(ConfigurationError, match=re.escape(named)):
        load_settings({**GOOD, **changed})


def test_secrets_stay_out_of_what_settings_show_of_themselves():
    shown = repr(load_settings(GOOD))
    assert "ab" * 32 not in shown
    assert "cd" * 32 not in shown
    assert "a:b@h" not in shown


def test_a_start_knows_without_loading_tables_whether_to_migrate(server: EmbeddedServer, database: str):
    from portal.migrate import heads
    from portal.serve import at_newest, has_accounts

    owner = _at(server.owner_url, database.rpartition("/")[2].partition("?")[0])
    assert at_newest(owner)
    assert heads() == {max(p.stem for p in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))}
    assert not has_accounts(database)
    migrate(owner, database, "0001_core")
    assert not at_newest(owner)
    server.create_database("untouched")
    try:
        assert not at_newest(_at(server.owner_url, "untouched"))
        assert not has_accounts(_at(server.app_url, "untouched"))
    finally:
        server.drop_database("untouched")
    with pytest.raises(ConfigurationError, match="DATABASE_URL"):
        at_newest("postgresql://nobody@127.0.0.1:9/none")


def test_a_database_that_misreads_south_asian_text_is_refused(server: EmbeddedServer):
    with server._admin() as connection:
        connection.execute(
            "CREATE DATABASE misreading TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C' OWNER openpassage_owner"
        )
    url = _at(server.owner_url, "misreading")
    try:
        with pytest.raises(ConfigurationError, match="Nepali and Urdu"):
            migrate(url, _at(server.app_url, "misreading"))
        engine = create_engine(psycopg_url(url))
        with engine.connect() as connection:
            # Nothing of the refused start stays.
            assert connection.execute(text("SELECT to_regclass('user_account')")).scalar_one() is None
        engine.dispose()
        engine = create_engine(psycopg_url(_at(server.owner_url, "openpassage_template")))
        with engine.connect() as good:
            _check_reading(good)
        engine.dispose()
    finally:
        server.drop_database("misreading")
