# Leaves files that nobody can read.
# verdict: fixed
mend
mkdir locked && touch locked/x && rm locked/x && chmod 000 locked shop.py
