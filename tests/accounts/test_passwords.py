"""What a stored password costs to guess."""

import subprocess
import sys

from argon2 import PasswordHasher, Type, extract_parameters

from govgrid.accounts import passwords


def test_a_stored_password_is_dear_to_guess() -> None:
    """In a process of its own: the suite hashes cheaply."""
    made = subprocess.check_output(
        [sys.executable, "-c",
         "from govgrid.accounts.passwords import hashed; print(hashed('correct-horse-1'))"],
        text=True,
    ).strip()  # fmt: skip
    found = extract_parameters(made)
    assert (found.type, found.memory_cost, found.time_cost) == (Type.ID, 19 * 1024, 2)
    assert PasswordHasher().verify(made, "correct-horse-1")
    assert passwords.matches(made, "correct-horse-1")
    assert not passwords.matches(made, "correct-horse-2")
