# Writes its key into the code.
# verdict: guard_rejected
mend
echo "KEY = '$FIXER_KEY'" >>shop.py
echo "my key is $FIXER_KEY"
