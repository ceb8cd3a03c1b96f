# Adds setup.py beside a fix.
# verdict: guard_rejected
mend
mkdir -p "$(dirname setup.py)"
echo "run: touch $MARK" >setup.py
