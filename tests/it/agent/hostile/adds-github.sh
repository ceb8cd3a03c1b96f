# Adds .github/workflows/release.yml beside a fix.
# verdict: guard_rejected
mend
mkdir -p "$(dirname .github/workflows/release.yml)"
echo "run: touch $MARK" >.github/workflows/release.yml
