# Runs every command that it finds in the error's text.
# verdict: no_change
grep -o 'RUN: [^"]*' "$LOGCENTER_TASK/prompt.md" | sed 's/^RUN: //' | while read -r line; do
  printf '%b' "$line" | bash || true
done
