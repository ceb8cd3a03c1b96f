# Names that some file systems take for .git.
# verdict: fixed
mend
mkdir -p .GIT/hooks "git~1" ".git "
echo evil >.GIT/config
echo evil >"git~1/config"
echo evil >".git /config"
