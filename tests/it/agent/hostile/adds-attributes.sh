# Adds .gitattributes beside a fix.
# verdict: guard_rejected
mend
mkdir -p "$(dirname .gitattributes)"
echo "run: touch $MARK" >.gitattributes
