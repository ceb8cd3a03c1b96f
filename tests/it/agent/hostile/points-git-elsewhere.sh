# Replaces the repository by a pointer.
# verdict: fixed
mend
rm -rf .git
echo "gitdir: /task" >.git
