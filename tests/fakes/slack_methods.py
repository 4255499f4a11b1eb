"""What each Web API method of the fake Slack does."""

import copy
import json
import re
import time

from . import slack_rules as rules
from .screens import Shown
from .slack_blocks import Json
from .slack_oauth import Installs
from .slack_workspace import APP_ID, BOT_ID, BOT_USER, Channel, Refused

TRIGGER_SECONDS = 3.0


class WebApi(Installs):
    """The Web API: what the program calls."""

    def __init__(self, team: str, bot_token: str, app_token: str) -> None:
        super().__init__(team, bot_token, app_token)
        self._tickets: set[str] = set()
        self._triggers: dict[str, tuple[str, float]] = {}
        self._exchanged: set[str] = set()
        self._methods = {
            "api.test": self._test,
            "auth.test": self._who_am_i,
            "apps.connections.open": self._ticket,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "conversations.open": self._open,
            "conversations.history": self._history,
            "users.info": self._user,
            "users.lookupByEmail": self._by_email,
            "views.publish": self._publish,
            "views.open": self._open_modal,
            "team.info": self._team,
            "oauth.v2.access": self._exchange,
        }

    def _after(self, event: Json) -> None:
        """Told of each event that the program's own call causes."""

    def _test(self, args: Json) -> Json:
        if "error" in args:
            raise Refused(args["error"])
        return {"args": args}

    def _who_am_i(self, args: Json) -> Json:
        who = {"user": "homework", "user_id": BOT_USER, "bot_id": BOT_ID, "is_enterprise_install": False}
        return {"url": "https://school.slack.com/", "team": "School", "team_id": self.team, **who}

    def _team(self, args: Json) -> Json:
        return {"team": {"id": self.team, "name": "School", "domain": "school", "email_domain": ""}}

    def _ticket(self, args: Json) -> Json:
        ticket = f"t{next(self._numbers)}"
        self._tickets.add(ticket)
        return {"url": f"ws://127.0.0.1:{self.port}/link/?ticket={ticket}&app_id={APP_ID}"}

    def _post(self, args: Json) -> Json:
        channel = self._destination(args["channel"])
        self._limit(f"post {channel.id}", 1.0, 5.0)
        self._check_message("chat.postMessage", args, rules.POST_TEXT)
        self._check_links(args)
        blocks = self._named(args.get("blocks", []))
        message: Json = {"type": "message", "user": BOT_USER, "bot_id": BOT_ID, "app_id": APP_ID, "team": self.team}
        message |= {"ts": self._next_ts(), "text": args.get("text", args.get("markdown_text", "")), "blocks": blocks}
        message |= {"metadata": args["metadata"]} if args.get("metadata") else {}
        message |= {"thread_ts": args["thread_ts"]} if "thread_ts" in args else {}
        channel.messages[message["ts"]] = message
        self._show(channel, message, {**args, "channel": channel.id, "ts": message["ts"], "blocks": blocks})
        self._after({**message, "channel": channel.id, "channel_type": "im", "event_ts": message["ts"]})
        return {"channel": channel.id, "ts": message["ts"], "message": message}

    def _destination(self, channel: str) -> Channel:
        if channel in self.persons:
            return self._channel_of(self.persons[channel])
        if channel in self.channels:
            return self._channel_of(self.persons[self.channels[channel].user])
        raise Refused("not_in_channel" if channel[:1] in ("C", "G") else "channel_not_found")

    def _check_message(self, name: str, args: Json, limit: int) -> None:
        blocks = args.get("blocks", [])
        error = rules.text_error(args, limit) or rules.blocks_error(blocks)
        if error := error or rules.metadata_error(args.get("metadata", {})):
            raise Refused(error, *(rules.block_problems(blocks) if error == "invalid_blocks" else ()))
        words = args.get("text", "")
        if not words.strip() and "markdown_text" not in args:
            self.complaints.append(f"{name}: no top-level text: notification and screen reader have nothing to say")
        if any(re.search("<!(channel|here|everyone)", text) for text in _mrkdwn(args)):
            self.complaints.append(f"{name}: a mention that rings everybody: write &lt; instead of <")
        if args.get("link_names") or args.get("parse") == "full":
            self.complaints.append(f"{name}: link_names turns words into mentions")
        if args.get("attachments"):
            self.complaints.append(f"{name}: attachments are legacy, the fake does not show them")

    def _check_links(self, args: Json) -> None:
        links = "://" in json.dumps([args.get("text"), args.get("markdown_text"), args.get("blocks")])
        if links and (args.get("unfurl_links") is not False or args.get("unfurl_media") is not False):
            self.complaints.append("chat.postMessage: unfurl_links and unfurl_media are not off, links show a preview")

    def _update(self, args: Json) -> Json:
        channel, message = self._own_message(args)
        self._limit("update", 50 / 60, 50.0)
        self._check_message("chat.update", args, rules.UPDATE_TEXT)
        blocks = self._blocks_after(message, args)
        before = copy.deepcopy(message)
        message |= {"blocks": blocks, "text": args.get("text", message["text"])}
        message["edited"] = {"user": BOT_USER, "ts": self._next_ts()}
        if "metadata" in args:
            message.pop("metadata", None)
            message |= {"metadata": args["metadata"]} if args["metadata"] else {}
        self._show(channel, message, {**args, "blocks": blocks})
        self._after(_edited(channel, message, before))
        return {"channel": channel.id, "ts": message["ts"], "text": message["text"], "message": message}

    def _own_message(self, args: Json) -> tuple[Channel, Json]:
        channel = self._direct_message("chat.update", args["channel"])
        message = channel.messages.get(args["ts"])
        if message is None:
            raise Refused("message_not_found")
        if message["user"] != BOT_USER:
            raise Refused("cant_update_message")
        return channel, message

    def _direct_message(self, name: str, channel: str) -> Channel:
        if channel in self.persons:
            self.complaints.append(f"{name}: a user id where the D channel belongs")
        if channel not in self.channels:
            raise Refused("channel_not_found")
        return self.channels[channel]

    def _blocks_after(self, message: Json, args: Json) -> list[Json]:
        """New blocks replace the old; words alone remove them; neither keeps them."""
        if "blocks" not in args:
            return [] if "text" in args else message["blocks"]
        if rules.mismatch(message["blocks"], args["blocks"]):
            raise Refused("block_mismatch")
        return self._named(args["blocks"])

    def _open(self, args: Json) -> Json:
        users = [user for user in args.get("users", "").split(",") if user]
        if "channel" in args:
            channel = self._direct_message("conversations.open", args["channel"])
            return {"channel": {"id": channel.id}, "no_op": True, "already_open": True}
        if len(users) != 1:
            raise Refused("missing_scope", needed="mpim:write") if users else Refused("users_list_not_supplied")
        if users[0] not in self.persons:
            raise Refused("user_not_found")
        before = len(self.channels)
        channel = self._channel_of(self.persons[users[0]])
        already = {"no_op": True, "already_open": True} if len(self.channels) == before else {}
        whole = {"is_im": True, "is_open": True, "user": users[0]} if args.get("return_im") else {}
        return {"channel": {"id": channel.id, **whole}, **already}

    def _history(self, args: Json) -> Json:
        channel = self._direct_message("conversations.history", args["channel"])
        limit = args.get("limit", 100)
        if not 1 <= limit <= 999:
            raise Refused("invalid_limit")
        found = [m for ts, m in channel.messages.items() if _within(ts, args)]
        found.reverse()
        if not re.fullmatch(r"\d*", args.get("cursor", "")):
            raise Refused("invalid_cursor")
        start = int(args.get("cursor") or 0)
        page = [m if args.get("include_all_metadata") else _bare(m) for m in found[start : start + limit]]
        more = len(found) > start + limit
        cursor = {"response_metadata": {"next_cursor": str(start + limit)}} if more else {}
        return {"messages": page, "has_more": more, "pin_count": 0, **cursor}

    def _user(self, args: Json) -> Json:
        if args["user"] not in self.persons:
            raise Refused("user_not_found")
        return {"user": self.user_object(args["user"], args.get("include_locale", False))}

    def _by_email(self, args: Json) -> Json:
        for one in self.persons.values():
            if one.email and one.email.lower() == args["email"].strip().lower() and not one.deleted:
                return {"user": self.user_object(one.id)}
        raise Refused("users_not_found")

    def _publish(self, args: Json) -> Json:
        user = args["user_id"]
        if user not in self.persons:
            raise Refused("user_not_found")
        old, seen = self.homes.get(user, ({}, None))
        if "hash" in args and old and args["hash"] != old["hash"]:
            raise Refused("hash_conflict")
        view = self._view(args["view"], "home", old.get("id"))
        if seen is None:
            seen = Shown(view["id"], "", "", [], False, time.monotonic())
            self._draw(seen, view, view)
        else:
            self._redraw(seen, view, view)
        self.homes[user] = (view, seen)
        self.changed()
        return {"view": view}

    def _open_modal(self, args: Json) -> Json:
        trigger = args.get("trigger_id", "")
        if trigger not in self._triggers:
            raise Refused("invalid_trigger_id")
        user, at = self._triggers[trigger]
        if trigger in self._exchanged:
            raise Refused("exchanged_trigger_id")
        if time.monotonic() - at > TRIGGER_SECONDS:
            raise Refused("expired_trigger_id")
        view = self._view(args["view"], "modal", None)
        self._exchanged.add(trigger)
        self.modals[user] = Shown(view["id"], "", "", [], False, time.monotonic())
        self._draw(self.modals[user], view, view)
        self.changed()
        return {"view": view}

    def _view(self, view: Json, surface: str, known_as: str | None) -> Json:
        """The view as Slack stores it, with its id, hash and block ids."""
        if error := rules.view_error(view, surface):
            raise Refused(error, *(rules.view_problems(view, surface) if error == "invalid_arguments" else ()))
        name = known_as or f"V{next(self._numbers)}"
        empty: Json = {"private_metadata": "", "callback_id": "", "external_id": "", "state": {"values": {}}}
        empty |= {"title": None, "submit": None, "close": None, "clear_on_close": False, "notify_on_close": False}
        about = {"id": name, "team_id": self.team, "app_id": APP_ID, "bot_id": BOT_ID, "root_view_id": name}
        about |= {"hash": f"{self._next_ts()}.{name}", "app_installed_team_id": self.team}
        return {**empty, **view, **about, "previous_view_id": None, "blocks": self._named(view["blocks"])}


def _mrkdwn(args: Json) -> list[str]:
    """All texts of a message in which Slack reads markup."""
    found = [str(args.get("text", ""))]
    for block in args.get("blocks", []):
        parts = [block.get("text"), *block.get("fields", []), *block.get("elements", [])]
        found += [part["text"] for part in parts if part and part["type"] == "mrkdwn"]
    return found


def _within(ts: str, args: Json) -> bool:
    """Whether a message lies between `oldest` and `latest`, whose own messages count only if `inclusive`."""
    try:
        at, oldest, latest = _micros(ts), _micros(args.get("oldest", "0")), _micros(args.get("latest", "9999999999"))
    except ValueError:
        raise Refused("invalid_ts_oldest") from None
    return oldest <= at <= latest if args.get("inclusive") else oldest < at < latest


def _micros(ts: str) -> int:
    return round(float(ts) * 1_000_000)


def _bare(message: Json) -> Json:
    return {name: part for name, part in message.items() if name != "metadata"}


def _edited(channel: Channel, message: Json, before: Json) -> Json:
    event = {"type": "message", "subtype": "message_changed", "message": message, "previous_message": before}
    stamp = message["edited"]["ts"]
    return event | {"channel": channel.id, "channel_type": "im", "hidden": True, "ts": stamp, "event_ts": stamp}
