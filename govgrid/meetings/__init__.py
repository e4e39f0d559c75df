"""Plan, invite, agenda, meet, minutes, action items."""
