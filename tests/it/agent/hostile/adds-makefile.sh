# Adds Makefile beside a fix.
# verdict: guard_rejected
mend
mkdir -p "$(dirname Makefile)"
echo "run: touch $MARK" >Makefile
