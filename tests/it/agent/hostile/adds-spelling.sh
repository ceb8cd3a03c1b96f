# Adds .GitHub/WorkFlows/release.yml beside a fix.
# verdict: guard_rejected
mend
mkdir -p "$(dirname .GitHub/WorkFlows/release.yml)"
echo "run: touch $MARK" >.GitHub/WorkFlows/release.yml
