"""Every adapter against its strict fake, through the real libraries over loopback."""
