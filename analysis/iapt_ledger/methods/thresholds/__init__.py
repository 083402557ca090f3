"""Published rates near a standard: is there a pile-up?"""
