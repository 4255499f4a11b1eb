"""What `twoticks doctor` asks of Telegram: who the bot is, and where its updates go."""

from urllib.parse import urlsplit

from telegram import Bot, WebhookInfo

from adapters.telegram.failures import failure_of

TO_POLL = (
    "Delete it (open https://api.telegram.org/bot<token>/deleteWebhook with the token put in), set [telegram] mode = "
    '"webhook", or use another bot'
)


async def examine(bot: Bot, webhook_url: str) -> list[tuple[str, str]]:
    """(green, yellow or red; text) of each thing found; `webhook_url` is "" in polling mode. Raises a ChatFailure."""
    try:
        me = await bot.get_me()
        hook = await bot.get_webhook_info()
    except Exception as problem:
        raise failure_of(problem) from problem
    route = _called(hook, webhook_url) if webhook_url else _polled(hook)
    return [("green", f"the bot is @{me.username}"), *route]


def _polled(hook: WebhookInfo) -> list[tuple[str, str]]:
    if hook.url:
        return [("red", f"its updates go to a webhook at {_host(hook)}, so polling hears nothing. {TO_POLL}")]
    return [("green", "no webhook takes its updates, so polling hears them")]


def _called(hook: WebhookInfo, ours: str) -> list[tuple[str, str]]:
    if not hook.url:
        return [("yellow", "no webhook is set yet; `twoticks run` sets it")]
    if hook.url != ours:
        return [("yellow", f"its updates go to another webhook at {_host(hook)}; `twoticks run` takes them over")]
    if hook.last_error_message and hook.last_error_date:
        when = f"{hook.last_error_date:%Y-%m-%d %H:%M} UTC"
        return [
            ("yellow", f"the webhook is ours, but Telegram could not reach it at {when}: {hook.last_error_message}")
        ]
    return [("green", "the webhook is ours")]


def _host(hook: WebhookInfo) -> str:
    """Only the host: what stands behind it may be somebody's secret."""
    return urlsplit(hook.url).hostname or "an unreadable address"
