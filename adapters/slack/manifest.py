"""The Slack app manifest and the link that opens it: what a school pastes to make its Slack app (PLATFORMS 2.11)."""

import json
from urllib.parse import quote

EVENTS = ("app_home_opened", "message.im", "app_uninstalled", "tokens_revoked", "user_change")
SCOPES = ("chat:write", "commands", "im:write", "im:history", "im:read", "users:read", "users:read.email")

_SHAPE = """\
display_information:
  name: Twoticks
  description: Homework in two ticks a day, one when it is written down and one when it is done.
  background_color: "#1f4e5f"
features:
  app_home:
    home_tab_enabled: true
    messages_tab_enabled: true
    messages_tab_read_only_enabled: false
  bot_user:
    display_name: Twoticks
    always_online: true
  shortcuts:
    - name: Homework today
      type: global
      callback_id: today
      description: Sends you today's cards
  slash_commands:
    - command: /homework
{command_url}      description: Today's cards and everything else Twoticks can do
      usage_hint: "today, status, why, settings, help"
      should_escape: true
oauth_config:
{redirects}  scopes:
    bot:
{scopes}
settings:
  event_subscriptions:
{events_url}    bot_events:
{events}
  interactivity:
    is_enabled: true
{actions_url}  org_deploy_enabled: false
  socket_mode_enabled: {socket}
  token_rotation_enabled: false
"""


def manifest(mode: str, public_url: str = "") -> str:
    """The manifest as YAML for "socket" or "http"; ValueError if http has no public address for Slack to call.

    With a public address the app can be installed in several workspaces, from /slack/install.
    """
    if mode == "http" and not public_url.startswith("https://"):
        raise ValueError('slack.mode = "http" needs web.public_url, an address that starts with https://')
    base = public_url.rstrip("/")
    http = {
        "command_url": f"      url: {json.dumps(base + '/slack/events')}\n",
        "events_url": f"    request_url: {json.dumps(base + '/slack/events')}\n",
        "actions_url": f"    request_url: {json.dumps(base + '/slack/events')}\n",
    }
    public = base.startswith("https://")
    return _SHAPE.format(
        redirects=f"  redirect_urls:\n    - {json.dumps(base + '/slack/oauth_redirect')}\n" if public else "",
        scopes="\n".join(f"      - {scope}" for scope in SCOPES),
        events="\n".join(f"      - {event}" for event in EVENTS),
        socket="false" if mode == "http" else "true",
        **(http if mode == "http" else dict.fromkeys(http, "")),
    )


def link(text: str) -> str:
    """The address that opens a new Slack app with this manifest filled in."""
    return f"https://api.slack.com/apps?new_app=1&manifest_yaml={quote(text, safe='')}"
