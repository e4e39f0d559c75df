"""Package takeover 整体承接: one contract for many compounds, proposed by search, signed in one act."""
