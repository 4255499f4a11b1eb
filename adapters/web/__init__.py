"""The web adapter: one ASGI application with the health pages, and the try-it page where one person plays everybody."""
