"""How an app comes into a fake Slack's workspace: the page where somebody says yes, and the tokens that follow."""

from urllib.parse import parse_qsl, urlencode, urlsplit

from . import slack_rules as rules
from .slack_blocks import Json
from .slack_server import Server
from .slack_workspace import APP_ID, BOT_USER, Refused


class Installs(Server):
    """The workspace that the app calls, and those beside it, which it reaches at the same address by their tokens."""

    def __init__(self, team: str, bot_token: str, app_token: str) -> None:
        super().__init__(team, bot_token, app_token)
        self.client = ("CID", "CSECRET")  # of the app
        self.token_lasts = 0  # seconds; above 0 tokens rotate
        self._codes: dict[str, tuple[Installs, str]] = {}  # code, good once → its workspace, where it must come back to
        self._refreshes: dict[str, Installs] = {}  # refresh token, good once → its workspace

    def authorize(self, address: str, workspace: "Installs | None" = None, agrees: bool = True) -> str:
        """Somebody in a workspace answers on Slack's own page; where the browser is sent then."""
        page, asked = urlsplit(address), dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
        assert (page.netloc, page.path) == (f"127.0.0.1:{self.port}", "/oauth/v2/authorize"), address
        assert asked.keys() == {"client_id", "scope", "redirect_uri", "state"}, asked.keys()
        assert asked["client_id"] == self.client[0] and asked["state"]
        assert set(asked["scope"].split(",")) <= set(rules.SCOPES), asked["scope"]
        code = f"code{next(self._numbers)}"
        if agrees:
            self._codes[code] = (workspace or self, asked["redirect_uri"])
        said = {"code": code} if agrees else {"error": "access_denied"}
        return f"{asked['redirect_uri']}?{urlencode(said | {'state': asked['state']})}"

    def _exchange(self, args: Json) -> Json:
        """A code, or a refresh token, for a new token of its workspace; each is good once."""
        if args.get("client_id") != self.client[0]:
            raise Refused("invalid_client_id")
        if args.get("client_secret") != self.client[1]:
            raise Refused("bad_client_secret")
        match args.get("grant_type", "authorization_code"):
            case "authorization_code":
                there, back = self._codes.pop(str(args.get("code")), (None, ""))
                if there and args.get("redirect_uri", back) != back:
                    raise Refused("bad_redirect_uri")
            case "refresh_token":
                there, back = self._refreshes.pop(str(args.get("refresh_token")), None), ""
            case _:
                raise Refused("invalid_grant_type")
        if there is None:
            raise Refused("invalid_refresh_token" if "grant_type" in args else "invalid_code")
        return self._granted(there)

    def _granted(self, there: "Installs") -> Json:
        """The workspace's new token; the one before works no more at once, a guess on the strict side."""
        self.beside.pop(there.bot_token, None)
        there.bot_token = f"{'xoxe.' if self.token_lasts else ''}xoxb-{there.team}-{next(self._numbers)}"
        there.revoked = there.expired = False
        if there is not self:
            self.beside[there.bot_token] = there
        given: Json = {"access_token": there.bot_token, "token_type": "bot", "bot_user_id": BOT_USER, "app_id": APP_ID}
        given |= {"scope": ",".join(there.scopes), "team": {"id": there.team, "name": f"School {there.team}"}}
        given |= {"enterprise": None, "is_enterprise_install": False}
        if self.token_lasts:
            refresh = f"xoxe-1-{next(self._numbers)}"
            self._refreshes[refresh] = there
            given |= {"refresh_token": refresh, "expires_in": self.token_lasts}
        return given
