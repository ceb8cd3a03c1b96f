# Adds tests/conftest.py beside a fix.
# verdict: guard_rejected
mend
mkdir -p "$(dirname tests/conftest.py)"
echo "run: touch $MARK" >tests/conftest.py
