"""Answers as clients write them: each file of mails/ with what must become of it."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.db import Database
from govgrid.grid.models import Officer
from govgrid.meetings.actions.inbox import take
from govgrid.meetings.models import Attendee, IncomingMail, Reply
from govgrid.settings import Settings
from tests.build import clock
from tests.conftest import NOW, SECRET
from tests.meetings import inbox_world
from tests.meetings.inbox_world import MAILS, UID

AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
YES, NO, MAYBE, SUBSTITUTE = Reply.ACCEPTED, Reply.DECLINED, Reply.TENTATIVE, Reply.SUBSTITUTE
NONE = Reply.NEEDS_ACTION
# What becomes of the mail, and what the leader's answer is then.
EXPECTED: dict[str, tuple[str, Reply]] = {
    "outlook-accepts": ("applied", YES),
    "outlook-declines-with-a-remark": ("applied", NO),
    "outlook-is-tentative": ("applied", MAYBE),
    "outlook-proposes-another-time": ("review", NONE),
    "outlook-2003-in-gb2312": ("applied", YES),
    "outlook-on-behalf-of-another": ("review", NONE),
    "exchange-accepts": ("applied", YES),
    "exchange-declines-in-quoted-printable": ("applied", NO),
    "exchange-accepts-in-winmail-dat": ("review", NONE),  # does not say to which request
    "exchange-declines-in-winmail-dat": ("review", NONE),
    "gmail-accepts": ("applied", YES),
    "gmail-declines": ("applied", NO),
    "gmail-says-maybe-with-a-note": ("applied", MAYBE),
    "apple-phone-accepts": ("applied", YES),
    "apple-mac-declines": ("applied", NO),
    "apple-answers-from-its-own-account": ("review", NONE),
    "qq-mail-accepts-in-gbk": ("applied", YES),
    "qq-mail-declines-with-a-wrong-charset": ("applied", NO),
    "netease-accepts-in-raw-gbk": ("applied", YES),
    "netease-declines-without-a-stamp": ("applied", NO),
    "wecom-accepts-without-a-method-on-the-part": ("applied", YES),
    "wecom-declines-with-bare-line-feeds": ("applied", NO),
    "wecom-names-the-method-on-the-part-alone": ("applied", YES),
    "dingtalk-accepts-as-an-attachment-only": ("applied", YES),
    "feishu-is-tentative": ("applied", MAYBE),
    "thunderbird-accepts": ("applied", YES),
    "thunderbird-declines": ("applied", NO),
    "thunderbird-answers-with-a-later-sequence": ("applied", YES),
    "evolution-accepts": ("applied", YES),
    "foxmail-accepts-nested-three-deep": ("applied", YES),
    "zimbra-accepts-in-utf-16": ("applied", YES),
    "lotus-notes-delegates": ("applied", SUBSTITUTE),
    "a-delegate-answers": ("review", NONE),
    "a-calendar-without-its-end": ("applied", YES),
    "an-answer-to-the-plan-before": ("stale", NONE),
    "an-answer-without-a-sequence": ("review", NONE),
    "an-unknown-person-accepts": ("review", NONE),
    "a-forged-sender": ("review", NONE),
    "a-sender-with-two-addresses": ("review", NONE),
    "an-address-hidden-in-an-encoded-name": ("review", NONE),
    "a-sender-that-our-server-doubts": ("review", NONE),
    "an-answer-about-another-calendar": ("unknown", NONE),
    "two-attendees-in-one-answer": ("refused", NONE),
    "an-answer-without-an-attendee": ("refused", NONE),
    "an-answer-without-a-status": ("refused", NONE),
    "an-answer-that-is-none-yet": ("ignored", NONE),
    "an-answer-without-a-uid": ("refused", NONE),
    "an-answer-about-two-meetings": ("refused", NONE),
    "a-request-sent-to-us": ("ignored", NONE),
    "a-cancel-sent-to-us": ("ignored", NONE),
    "a-publish-sent-to-us": ("ignored", NONE),
    "a-add-sent-to-us": ("ignored", NONE),
    "a-declinecounter-sent-to-us": ("ignored", NONE),
    "a-refresh": ("applied", NONE),
    "an-answer-to-a-task": ("ignored", NONE),
    "a-proposal-that-names-everybody": ("review", NONE),
    "a-proposal-in-an-unknown-zone": ("review", NONE),
    "out-of-office": ("ignored", NONE),
    "an-answer-in-words-out-of-the-blue": ("unknown", NONE),
}


@pytest.fixture(scope="module")
def kept(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Return one database for all tests of this module; each undoes what it did."""
    path = tmp_path_factory.mktemp("inbox") / "inbox.db"
    shutil.copy(sqlite_template, path)
    database = Database(Settings(database_url=f"sqlite:///{path}", secret=SECRET))
    with database.writing() as db:
        inbox_world.meeting(db)
    yield database
    database.close()


@pytest.fixture
def db(kept: Database) -> Iterator[Session]:
    with kept.writing() as opened:
        yield opened
        opened.rollback()


def answer(db: Session) -> Attendee:
    return db.scalars(select(Attendee).join(Attendee.officer).where(Officer.name == "王网格")).one()


def mail(name: str) -> bytes:
    return (MAILS / f"{name}.eml").read_bytes()


def row(db: Session) -> IncomingMail:
    return db.scalars(select(IncomingMail)).one()


def test_every_file_is_expected_and_marked() -> None:
    assert sorted(EXPECTED) == sorted(path.stem for path in MAILS.glob("*.eml"))
    assert all(path.read_bytes().startswith(b"X-Fixture: synthetic") for path in MAILS.iterdir())


@pytest.mark.parametrize("name", EXPECTED)
def test_client(db: Session, name: str) -> None:
    taken = take(db, mail(name), at=AT)
    assert (taken.outcome.value, answer(db).reply) == EXPECTED[name], taken
    assert row(db).raw == mail(name), "kept as it came"
    again = take(db, mail(name), at=AT)
    assert again.outcome.value == "duplicate"
    assert answer(db).reply is EXPECTED[name][1]


def test_all_of_them_on_each_engine(database: Database) -> None:
    with database.writing() as db:
        inbox_world.meeting(db)
    for name, (outcome, reply) in EXPECTED.items():
        with database.writing() as db:
            assert take(db, mail(name), at=AT).outcome.value == outcome, name
            assert answer(db).reply is reply, name
            db.rollback()


def test_a_remark_is_kept_with_the_answer(db: Session) -> None:
    take(db, mail("outlook-declines-with-a-remark"), at=AT)
    assert answer(db).reply_note == "当天在区里培训, 请谅解 谢谢"


def test_gbk_is_read(db: Session) -> None:
    take(db, mail("gmail-says-maybe-with-a-note"), at=AT)
    assert answer(db).reply_note == "看当天值班情况"


def test_a_wrong_charset_does_not_spoil_the_remark(db: Session) -> None:
    take(db, mail("qq-mail-declines-with-a-wrong-charset"), at=AT)
    assert answer(db).reply_note == "值班"


def test_a_delegate_is_named_as_in_the_directory(db: Session) -> None:
    take(db, mail("lotus-notes-delegates"), at=AT)
    assert answer(db).substitute == "赵微"


def test_a_delegate_unknown_here_is_named_by_address(db: Session) -> None:
    data = mail("lotus-notes-delegates")
    coded = inbox_world.reply('DELEGATED;DELEGATED-TO="mailto:someone@else.example"')
    assert data != coded
    take(db, coded, at=AT)
    assert answer(db).substitute == "someone@else.example"


def test_the_answer_counts_from_when_it_was_given(db: Session) -> None:
    take(db, mail("gmail-accepts"), at=AT)
    assert answer(db).replied_at == datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def test_without_a_stamp_it_counts_from_the_mails_date(db: Session) -> None:
    take(db, mail("netease-declines-without-a-stamp"), at=AT)
    assert answer(db).replied_at == clock("2026-11-23 10:00")


def test_a_clock_that_runs_ahead_does_not_lock_out_later_answers(db: Session) -> None:
    take(db, inbox_world.reply(stamp=datetime(2031, 1, 1, tzinfo=UTC)), at=AT)
    assert answer(db).replied_at == AT
    later = datetime(2026, 11, 24, tzinfo=UTC)
    assert take(db, inbox_world.reply("DECLINED", stamp=later), at=later).outcome == "applied"


def test_an_older_answer_that_comes_late_is_stale(db: Session) -> None:
    take(db, inbox_world.reply("DECLINED", stamp=datetime(2026, 11, 23, 3, tzinfo=UTC)), at=AT)
    late = take(db, inbox_world.reply(stamp=datetime(2026, 11, 23, 2, tzinfo=UTC)), at=AT)
    assert (late.outcome, answer(db).reply) == ("stale", NO)


def test_a_changed_mind_counts(db: Session) -> None:
    take(db, inbox_world.reply("DECLINED", stamp=datetime(2026, 11, 23, 2, tzinfo=UTC)), at=AT)
    new = take(db, inbox_world.reply(stamp=datetime(2026, 11, 23, 3, tzinfo=UTC)), at=AT)
    assert (new.outcome, answer(db).reply) == ("applied", YES)


def test_the_same_answer_in_another_mail_changes_nothing(db: Session) -> None:
    take(db, inbox_world.reply(), at=AT)
    again = take(db, inbox_world.reply(headers="X-Sent-Again: 1\r\n"), at=AT)
    assert again.outcome == "duplicate"


def test_an_answer_through_the_link_is_not_undone_by_an_older_mail(db: Session) -> None:
    seat = answer(db)
    seat.reply, seat.replied_at = NO, datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
    assert take(db, inbox_world.reply(), at=AT).outcome == "stale"


def test_a_proposal_is_kept_with_its_times(db: Session) -> None:
    take(db, mail("outlook-proposes-another-time"), at=AT)
    found = row(db)
    assert (found.proposed_start, found.proposed_end) == (
        clock("2026-12-09 14:00"),
        clock("2026-12-09 15:00"),
    )
    assert (found.comment, found.attendee_id) == ("下午更方便", answer(db).id)


def test_who_proposes_among_all_attendees_is_the_sender(db: Session) -> None:
    take(db, mail("a-proposal-that-names-everybody"), at=AT)
    assert row(db).attendee_id == answer(db).id


def test_a_zone_that_names_a_folder_is_no_time(db: Session) -> None:
    take(db, mail("a-proposal-in-an-unknown-zone"), at=AT)
    assert (row(db).proposed_start, row(db).proposed_end) == (None, None)


def test_winmail_counts_where_only_one_request_was_sent(db: Session) -> None:
    answer(db).asked = 0
    assert take(db, mail("exchange-declines-in-winmail-dat"), at=AT).outcome == "applied"
    assert answer(db).reply is NO


def test_whoever_was_taken_off_is_told_nothing_and_changes_nothing(db: Session) -> None:
    answer(db).removed_at = NOW
    assert take(db, inbox_world.reply(), at=AT).outcome == "stale"


def test_after_the_start_nothing_counts(db: Session) -> None:
    assert take(db, inbox_world.reply(), at=clock("2026-12-08 09:30")).outcome == "stale"
    assert answer(db).reply is NONE


def test_what_is_told_names_meeting_person_and_status(db: Session) -> None:
    taken = take(db, inbox_world.reply("DECLINED"), at=AT)
    assert (taken.uid, taken.attendee, taken.status) == (UID, "wang@example.cn", "DECLINED")
