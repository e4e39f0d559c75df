"""Pages of accounts, one module a noun."""

from govgrid.accounts.pages.door import routes as door
from govgrid.accounts.pages.keeping import routes as keeping
from govgrid.accounts.pages.mine import routes as mine
from govgrid.accounts.pages.tokens import routes as tokens
from govgrid.accounts.pages.welcome import routes as welcome

routes = [*door, *welcome, *mine, *keeping, *tokens]
