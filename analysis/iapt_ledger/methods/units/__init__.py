"""Services or areas beside one another: funnels, and what their differences and ranks are worth."""
