"""What each Bot API method of the fake Telegram does."""

import json
import time

from . import telegram_rules as rules
from .screens import Button, Shown
from .telegram_chats import Args, Json, Post, Refused, is_inline, refuse_ours, rows
from .telegram_server import Server

_STICKY = ("chat_id", "disable_notification", "protect_content", "photo")  # what an edit leaves as it was sent


class BotApi(Server):
    """The Bot API: what the program calls."""

    def __init__(self, token: str, username: str) -> None:
        super().__init__(token, username)
        self.query_lives = 30.0  # seconds a tap can be answered at all [guess]
        self.commands: dict[tuple[str, str], list[Json]] = {}  # (scope as JSON, language) -> commands
        self.descriptions: dict[str, str] = {}  # by language
        self.short_descriptions: dict[str, str] = {}
        self.reactions: dict[int, str] = {}  # the bot's own, by message id
        self._methods = {
            "getMe": self._get_me,
            "getUpdates": self._get_updates,
            "sendMessage": self._send_message,
            "sendPhoto": self._send_photo,
            "editMessageText": self._edit_text,
            "editMessageReplyMarkup": self._edit_markup,
            "answerCallbackQuery": self._answer_tap,
            "setMyCommands": self._set_commands,
            "getMyCommands": self._get_commands,
            "setMyDescription": self._set_description,
            "getMyDescription": self._get_description,
            "setMyShortDescription": self._set_short_description,
            "getMyShortDescription": self._get_short_description,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._get_webhook_info,
            "leaveChat": self._leave_chat,
            "setMessageReaction": self._set_reaction,
        }

    async def _get_me(self, _: Args) -> Json:
        return {
            **self.bot,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    # --- messages

    def _writable(self, args: Args) -> int:
        """The chat id, if the bot may write there."""
        chat = args["chat_id"]
        person, group = self._persons.get(str(chat)), self._groups.get(chat)
        if person is None and group is None:
            raise Refused(400, "chat not found")
        if group and not group.member:
            raise Refused(403, "bot is not a member of the supergroup chat")
        if person and person.deactivated:
            raise Refused(403, "user is deactivated")
        if person and person.blocked:
            raise Refused(403, "bot was blocked by the user")
        if person and not person.started:
            raise Refused(403, "bot can't initiate conversation with a user")
        return int(chat)

    async def _send_message(self, args: Args) -> Json:
        self._check_text(args)
        return self._show(args, args["text"].strip())

    async def _send_photo(self, args: Args) -> Json:
        caption = args.get("caption", "")
        refuse_ours(rules.photo_error(args["photo"]) or rules.caption_error(caption))
        refuse_ours(rules.entities_error(caption, args.get("caption_entities", [])))
        self._check_parse_mode(args)
        return self._show(args, caption.strip())

    def _check_text(self, args: Args) -> None:
        refuse_ours(rules.text_error(args["text"]) or rules.entities_error(args["text"], args.get("entities", [])))
        self._check_parse_mode(args)

    def _check_parse_mode(self, args: Args) -> None:
        mode = args.get("parse_mode")
        if mode is None:
            return
        if mode.lower() not in ("html", "markdown", "markdownv2"):
            raise Refused(400, "unsupported parse_mode", ours=True)
        self.complain(f"parse_mode {mode}: we send literal text with entities")

    def _show(self, args: Args, text: str) -> Json:
        """Puts a new message on the screen of its chat."""
        refuse_ours(rules.keyboard_error(rows(args)))
        chat = self._writable(args)
        self._check_reply(chat, args.get("reply_parameters"))
        rang = not args.get("disable_notification", False)
        shown = Shown("", text, text[:100], _buttons(args), rang, time.monotonic(), raw=dict(args))
        post = self._new_post(chat, shown)
        shown.ref = str(post.id)
        self.screen(str(chat)).append(shown)
        self.changed()
        return self._post_json(post)

    def _check_reply(self, chat: int, reply: Json | None) -> None:
        if reply and not reply.get("allow_sending_without_reply"):
            self._existing(chat, reply["message_id"], "message to be replied not found")

    def _existing(self, chat: int, number: int, otherwise: str) -> Post:
        post = self._posts.get(number)
        if post is None or post.gone or post.chat != chat:
            raise Refused(400, otherwise)
        return post

    def _editable(self, args: Args) -> tuple[Post, Shown]:
        """The message to edit; only the bot's own, and never one with a reply keyboard or a forced reply."""
        if "chat_id" not in args or "message_id" not in args:
            raise Refused(400, "message identifier is not specified", ours=True)
        post = self._existing(self._writable(args), args["message_id"], "message to edit not found")
        if post.shown is None or ("reply_markup" in post.shown.raw and not is_inline(post.shown.raw)):
            raise Refused(400, "message can't be edited")
        return post, post.shown

    async def _edit_text(self, args: Args) -> Json:
        self._check_text(args)
        refuse_ours(rules.keyboard_error(rows(args)))
        post, shown = self._editable(args)
        if "photo" in shown.raw:
            raise Refused(400, "there is no text in the message to edit")
        kept = {name: shown.raw[name] for name in _STICKY if name in shown.raw}
        return self._redraw(post, shown, args["text"].strip(), kept | args)

    async def _edit_markup(self, args: Args) -> Json:
        refuse_ours(rules.keyboard_error(rows(args)))
        post, shown = self._editable(args)
        kept = {name: value for name, value in shown.raw.items() if name != "reply_markup"}
        return self._redraw(post, shown, shown.text, kept | args)

    def _redraw(self, post: Post, shown: Shown, text: str, raw: Args) -> Json:
        """Changes a message where it stands, silently; refused if nothing would change."""
        if (text, _spans(raw), rows(raw)) == (shown.text, _spans(shown.raw), rows(shown.raw)):
            raise Refused(400, rules.NOT_MODIFIED)
        shown.history = [*shown.history, shown.text]
        shown.text, shown.preview, shown.buttons, shown.raw = text, text[:100], _buttons(raw), raw
        shown.edits += 1
        post.edited = int(time.time())
        self.changed()
        return self._post_json(post)

    async def _answer_tap(self, args: Args) -> bool:
        text = args.get("text", "")
        refuse_ours(rules.toast_error(text))
        tap = self._tap_ids.get(args["callback_query_id"])
        if tap is None or time.monotonic() - tap.at > self.query_lives:
            raise Refused(400, rules.QUERY_TOO_OLD)
        if tap.toast is None:
            tap.toast, tap.alert = text, args.get("show_alert", False)
            tap.took = time.monotonic() - tap.at
            self.changed()
        return True

    async def _set_reaction(self, args: Args) -> bool:
        reaction = args.get("reaction", [])
        refuse_ours(rules.reaction_error(reaction))
        post = self._existing(self._writable(args), args["message_id"], "message to react not found")
        self.reactions.pop(post.id, None)
        if reaction:
            self.reactions[post.id] = reaction[0]["emoji"]
        self.changed()
        return True

    async def _leave_chat(self, args: Args) -> bool:
        chat = self._writable(args)
        if chat not in self._groups:
            raise Refused(400, "chat member status can't be changed in private chats", ours=True)
        self._groups[chat].member = False
        self._membership("", "member", "left", chat, by_bot=True)
        return True

    # --- the bot's menu and words

    def _audience(self, args: Args) -> tuple[str, str]:
        scope = args.get("scope", {"type": "default"})
        refuse_ours(rules.scope_error(scope) or rules.language_error(args.get("language_code", "")))
        return json.dumps(scope, sort_keys=True), args.get("language_code", "")

    async def _set_commands(self, args: Args) -> bool:
        audience = self._audience(args)
        refuse_ours(rules.commands_error(args["commands"]))
        self.commands[audience] = [{**one, "command": one["command"].removeprefix("/")} for one in args["commands"]]
        return True

    async def _get_commands(self, args: Args) -> list[Json]:
        return self.commands.get(self._audience(args), [])

    async def _set_description(self, args: Args) -> bool:
        text = args.get("description", "")
        refuse_ours(rules.description_error(text))
        self.descriptions[self._audience(args)[1]] = text
        return True

    async def _get_description(self, args: Args) -> Json:
        return {"description": self.descriptions.get(self._audience(args)[1], "")}

    async def _set_short_description(self, args: Args) -> bool:
        text = args.get("short_description", "")
        refuse_ours(rules.short_description_error(text))
        self.short_descriptions[self._audience(args)[1]] = text
        return True

    async def _get_short_description(self, args: Args) -> Json:
        return {"short_description": self.short_descriptions.get(self._audience(args)[1], "")}


def _buttons(raw: Args) -> list[list[Button]]:
    return [[Button(one["text"], one.get("callback_data", "")) for one in row] for row in rows(raw)]


def _spans(raw: Args) -> list[str]:
    """Entities in a form that compares, whatever order they came in."""
    return sorted(json.dumps(one, sort_keys=True) for one in raw.get("entities", []))
