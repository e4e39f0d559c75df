"""What is known of letters and addresses."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.outbox.models import Bouncing, Letter


def bouncing(db: Session, addresses: Collection[str]) -> dict[str, str]:
    """Return the server's words for each address whose letters came back and none left since."""
    later = select(Letter.id).where(
        Letter.to_address == Bouncing.address, Letter.sent_at > Bouncing.at
    )
    rows = db.execute(
        select(Bouncing.address, Bouncing.status, Bouncing.words).where(
            Bouncing.address.in_(addresses), ~later.exists()
        )
    )
    return {address: " ".join(filter(None, (status, words))) for address, status, words in rows}
