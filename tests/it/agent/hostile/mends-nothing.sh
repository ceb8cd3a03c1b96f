# Changes the code without mending it.
# verdict: tests_failed
echo '# looked at it' >>shop.py
