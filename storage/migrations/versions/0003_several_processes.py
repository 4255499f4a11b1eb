"""several processes"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("lane", schema=None) as batch_op:
        batch_op.add_column(sa.Column("owner", sa.String(length=40), server_default="", nullable=False))
        batch_op.add_column(sa.Column("lease_until", sa.Double(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("token", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("lane", schema=None) as batch_op:
        batch_op.drop_column("token")
        batch_op.drop_column("lease_until")
        batch_op.drop_column("owner")
