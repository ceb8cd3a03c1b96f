# Writes outside of its folder.
# verdict: fixed
mend
for file in ../outside /tmp/outside /etc/outside /usr/outside "$HOME/outside" "$MARK" "$CANARY"; do echo evil >"$file"; done
