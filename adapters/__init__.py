"""One folder a platform: each turns messages into what the platform shows, and what people do there into arrivals."""
