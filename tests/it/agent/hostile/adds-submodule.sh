# Adds .gitmodules beside a fix.
# verdict: guard_rejected
mend
mkdir -p "$(dirname .gitmodules)"
echo "run: touch $MARK" >.gitmodules
