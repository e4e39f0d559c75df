"""HMAC seals with the installation's secret: of a line, of a cut, of an anchored head."""

import hashlib
import hmac
import json

from govgrid.journal.models import Cut, Entry


def of_line(key: str, before: str, entry: Entry) -> str:
    """Return the seal of a line that follows the seal `before`."""
    return _seal(
        key,
        "line",
        before,
        entry.id,
        entry.at.isoformat(),
        entry.account_id,
        entry.actor,
        entry.address,
        entry.verb,
        entry.subject,
        entry.subject_id,
        entry.detail,
    )


def of_cut(key: str, before: str, cut: Cut) -> str:
    """Return the seal of a cut that follows the cut sealed `before`."""
    moments = (cut.at.isoformat(), cut.last_at.isoformat())
    return _seal(key, "cut", before, cut.last_id, *moments, cut.last_seal, cut.root)


def of_head(key: str, at: str, root: str, number: int, seal: str) -> str:
    """Return the seal of an anchored head."""
    return _seal(key, "head", at, root, number, seal)


def _seal(key: str, kind: str, *parts: object) -> str:
    line = json.dumps([kind, *parts], sort_keys=True, ensure_ascii=False)
    return hmac.new(key.encode(), line.encode(), hashlib.sha256).hexdigest()
