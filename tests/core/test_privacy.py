import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core import privacy
from core.accounts import NewAccount, UserAccount, create_account
from core.db import db_now


def an_account(session: Session, name: str = "सुनिता तामाङ") -> UserAccount:
    return create_account(session, NewAccount(display_name=name, email="sunita@example.np", phone="9841234567"))


def test_a_personal_value_is_sealed_in_the_database_and_opens_in_python(session: Session):
    account = an_account(session)
    stored = bytes(
        session.execute(
            text("SELECT display_name_sealed FROM user_account WHERE id = :id"), {"id": account.id}
        ).scalar_one()
    )
    assert "सुनिता".encode() not in stored
    session.expunge_all()
    assert session.get_one(UserAccount, account.id).display_name == "सुनिता तामाङ"


def test_a_ciphertext_copied_to_another_row_or_column_does_not_open(session: Session):
    one = an_account(session)
    two = create_account(session, NewAccount(display_name="Other"))
    two.person_key_id = one.person_key_id
    two.display_name_sealed = one.display_name_sealed
    with pytest.raises(ValueError, match="does not open"):
        _ = two.display_name
    one.phone_sealed = one.email_sealed
    with pytest.raises(ValueError, match="does not open"):
        _ = one.phone


def test_destroying_the_key_erases_the_person(session: Session):
    account = an_account(session)
    privacy.destroy_person(session, account.person_key_id, db_now(session))
    session.flush()
    session.expire_all()
    assert account.display_name is None
    with pytest.raises(ValueError, match="destroyed"):
        account.display_name = "Back again"


def test_blind_indexes_match_only_within_their_purpose(session: Session):
    assert privacy.blind_index("phone", "+9779841234567") == privacy.blind_index("phone", "+9779841234567")
    assert privacy.blind_index("phone", "+9779841234567") != privacy.blind_index("email", "+9779841234567")
    assert len(privacy.blind_index("phone", "x")) == 16


def test_a_key_that_another_process_destroyed_opens_nothing_a_minute_later(session: Session, monkeypatch):
    """The other process is a plain UPDATE: this one's cache hears nothing of it."""
    account = an_account(session)
    assert account.display_name == "सुनिता तामाङ"
    session.execute(
        text("UPDATE person_key SET wrapped = NULL, destroyed_at = now() WHERE id = :id"), {"id": account.person_key_id}
    )
    session.expire_all()
    now = privacy.clock()
    monkeypatch.setattr(privacy, "clock", lambda: now + privacy.KEPT_SECONDS + 1)
    assert account.display_name is None


def test_a_new_record_of_a_known_person_is_sealed_though_the_key_was_put_away(session: Session, monkeypatch):
    """As an officer answers a report a minute after reading it, or in another process."""
    account = an_account(session)
    monkeypatch.setattr(privacy, "_keys", privacy._Keys())
    second = UserAccount(person_key_id=account.person_key_id)
    second.display_name = "Sunita"
    session.add(second)
    session.flush()
    session.expunge_all()
    assert session.get_one(UserAccount, second.id).display_name == "Sunita"
