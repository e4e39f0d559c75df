"""The way of an old compound to professional management: survey, vote, plan, agreement, handover."""
