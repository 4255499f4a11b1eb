"""The Telegram adapter: `chat.TelegramChat` speaks and listens through python-telegram-bot's plain `Bot`."""
