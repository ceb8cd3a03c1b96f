# Puts a repository into the repository.
# verdict: fixed
mend
mkdir vendor && cd vendor && git init -q . && echo x >x && git add x
git -c user.name=x -c user.email=x@x commit -qm x && rm x && git config core.fsmonitor "touch $MARK"
