#!/bin/bash
set -eu
case $(cat "$LOGCENTER_TASK/prompt.md") in
*"Write ONE new test file"*)
  cp -r "$1/reproduction/." .
  (cd "$1/reproduction" && find . -type f) | sed 's|^\./||' >"$LOGCENTER_TASK/out/reproduce"
  ;;
*)
  cp -r "$1/after/." .
  echo '{"root_cause": "the case was not thought of", "confidence": 0.9}' >"$LOGCENTER_TASK/out/summary.json"
  ;;
esac
