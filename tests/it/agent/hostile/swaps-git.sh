# Replaces the repository by one that runs programs.
# verdict: fixed
mend
rm -rf .git
git init -q .
git config core.fsmonitor "touch $MARK"
git config core.hooksPath "$PWD/hooks"
git config filter.evil.clean "touch $MARK; cat"
git config core.sshCommand "touch $MARK"
printf '#!/bin/sh\ntouch %s\n' "$MARK" >.git/hooks/pre-commit
chmod +x .git/hooks/pre-commit
