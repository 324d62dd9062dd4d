"""The years before the first hour: adoption, investment, tariffs, ageing of mains, month by month."""
