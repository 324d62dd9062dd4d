"""Every sentence about events and orders, in English and Japanese."""
