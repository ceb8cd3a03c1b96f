# Commits twice, moves the branch, leaves junk.
# verdict: fixed
git config user.name Evil && git config user.email evil@example.com
mend
git commit -qam "first"
echo "# more" >>shop.py
git commit -qam "second"
git branch -f main HEAD
mkdir __pycache__ && echo junk >__pycache__/x.pyc
