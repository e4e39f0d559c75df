"""Coverage history, agreements and coverage rates of old compounds."""
