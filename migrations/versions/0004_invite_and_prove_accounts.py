"""Invite people by link, prove them by a second factor, know administrators."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invitations",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_invitations_account_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_invitations")),
    )
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitations_account_id"), ["account_id"], unique=False)

    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_recovery_codes_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    with op.batch_alter_table("recovery_codes", schema=None) as batch_op:
        batch_op.create_index(
            "ix_recovery_codes_account_id_mark", ["account_id", "mark"], unique=False
        )

    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("office", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("name", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("secret", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("step", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("subject", sa.String(length=255), nullable=True))
        batch_op.alter_column("officer_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.alter_column("password", existing_type=sa.VARCHAR(length=120), nullable=True)
        batch_op.create_unique_constraint(batch_op.f("uq_accounts_subject"), ["subject"])
        batch_op.create_check_constraint(
            batch_op.f("ck_accounts_one_kind"), "(officer_id IS NULL) <> (office IS NULL)"
        )

    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.add_column(sa.Column("address", sa.String(length=45), nullable=True))
        batch_op.add_column(sa.Column("browser", sa.String(length=200), nullable=True))
        batch_op.add_column(
            sa.Column("awaits_code", sa.Boolean(), server_default=sa.false(), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.drop_column("awaits_code")
        batch_op.drop_column("browser")
        batch_op.drop_column("address")

    # Administrators and whoever was only invited are unknown to the schema before.
    known = sa.table("accounts", sa.column("id"), sa.column("officer_id"), sa.column("password"))
    gone = sa.select(known.c.id).where(known.c.officer_id.is_(None) | known.c.password.is_(None))
    for name in ("sign_ins", "invitations", "recovery_codes"):
        kept = sa.table(name, sa.column("account_id"))
        op.execute(sa.delete(kept).where(kept.c.account_id.in_(gone)))
    op.execute("DELETE FROM accounts WHERE officer_id IS NULL OR password IS NULL")
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_accounts_one_kind"), type_="check")
        batch_op.drop_constraint(batch_op.f("uq_accounts_subject"), type_="unique")
        batch_op.alter_column("password", existing_type=sa.VARCHAR(length=120), nullable=False)
        batch_op.alter_column("officer_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("subject")
        batch_op.drop_column("step")
        batch_op.drop_column("secret")
        batch_op.drop_column("name")
        batch_op.drop_column("office")

    with op.batch_alter_table("recovery_codes", schema=None) as batch_op:
        batch_op.drop_index("ix_recovery_codes_account_id_mark")

    op.drop_table("recovery_codes")
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitations_account_id"))

    op.drop_table("invitations")
