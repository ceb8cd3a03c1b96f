# Adds sitecustomize.py beside a fix.
# verdict: guard_rejected
mend
mkdir -p "$(dirname sitecustomize.py)"
echo "run: touch $MARK" >sitecustomize.py
