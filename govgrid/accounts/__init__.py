"""Sign-in, sessions, from officer to actor."""
