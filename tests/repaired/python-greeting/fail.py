from greeting import greeting

greeting(None)
