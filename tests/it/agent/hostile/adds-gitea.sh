# Adds .gitea/workflows/release.yml beside a fix.
# verdict: guard_rejected
mend
mkdir -p "$(dirname .gitea/workflows/release.yml)"
echo "run: touch $MARK" >.gitea/workflows/release.yml
