# Sets a filter for every file.
# verdict: guard_rejected
mend
echo "* filter=evil" >.gitattributes
git config filter.evil.clean "touch $MARK; cat"
