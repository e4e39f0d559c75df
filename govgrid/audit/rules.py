"""Who may read the journal, and how much of it."""

from govgrid.access import Actor, Power


def audited_paths(actor: Actor) -> tuple[str, ...]:
    """Return the areas whose officers' lines the actor reads; `EVERYWHERE` stands for all lines.

    The audit administrator reads all; liaisons and housing officers what their officers did.
    """
    return actor.paths(Power.AUDIT)


def may_audit(actor: Actor | None) -> bool:
    """Tell whether the actor reads any of the journal."""
    return actor is not None and bool(audited_paths(actor))
