#!/bin/sh
# Reports a failed step of a pipeline to Log Center: report-cicd-error.sh PROJECT STEP MESSAGE_OR_FILE
#
# Of a file, the last 100 lines are reported. Needs curl, jq and standard tools (awk, base64, head, od, sed, tail, tr), and iconv
# for logs in UTF-16; if the binary
# `logcenter` is on the PATH, it is used instead.
# Never fails the pipeline, times out after 3 seconds, and says on standard error what it did.
# Variables: LOG_CENTER_URL, LOG_CENTER_KEY (an ingest key), LOG_CENTER_FORGE_URL and LOG_CENTER_RUN_URL (if the forge's own
# variables contain addresses that only the runner knows), LOG_CENTER_DRY_RUN=true (prints the report instead of sending it).
set +x
trap 'exit 0' EXIT HUP INT TERM

say() { printf 'logcenter: %s\n' "$*" >&2; }

if [ $# -ne 3 ]; then
  say "not reported: usage: report-cicd-error.sh PROJECT STEP MESSAGE_OR_FILE"
  exit 0
fi
if [ -z "${LOG_CENTER_NO_BINARY:-}" ] && command -v logcenter >/dev/null 2>&1; then
  logcenter ci report -- "$@"
  exit 0
fi
for program in curl jq; do
  if ! command -v "$program" >/dev/null 2>&1; then
    say "not reported: $program is missing"
    exit 0
  fi
done

begun=$(date +%s)
url=${LOG_CENTER_URL:-http://localhost:8002}
escape=$(printf '\033')
bell=$(printf '\007')
return=$(printf '\r')

# The last lines as a terminal would show them: without colours, and with only the last state of a progress bar.
readable() {
  tail -c 1048576 | LC_ALL=C tr '\000' '\377' | tail -n 100 |
    LC_ALL=C sed -e "s|${escape}\\[[0-?]*[ -/]*[@-~]||g" \
      -e "s|${escape}\\][^${bell}${escape}]*${bell}||g" \
      -e "s|${escape}[]PX^_][^${escape}]*${escape}\\\\||g" \
      -e "s|${escape}[ -/][ -/]*[0-~]||g" \
      -e "s|${escape}[0-~]||g" \
      -e "s|${return}*\$||" -e "s|^.*${return}||" |
    LC_ALL=C tr -d '\001-\010\013\014\016-\037\177' |
    LC_ALL=C awk '{ n = length($0) } n > 32768 { $0 = substr($0, 1, 16384) substr($0, n - 16383) } { print }'
}

# The end of a file as UTF-8: PowerShell writes UTF-16, with or without a mark, and programs may use the machine's code page.
decoded() {
  from=
  case $(head -c 2 "$1" | od -An -tx1 | tr -d ' \n') in
    fffe) from=UTF-16LE ;;
    feff) from=UTF-16BE ;;
    *)
      from=$(tail -c 1048576 "$1" | head -c 4096 | od -An -v -tx1 | awk '
        { for (at = 1; at <= NF; at++) { if ($at == "00") zeros[all % 2]++; all++ } }
        END {
          pairs = int(all / 2); many = int(pairs * 3 / 10); few = int(pairs / 10)
          if (zeros[1] > many && zeros[0] <= few) print "UTF-16LE"
          else if (zeros[0] > many && zeros[1] <= few) print "UTF-16BE"
        }')
      ;;
  esac
  if [ -n "$from" ] && command -v iconv >/dev/null 2>&1; then
    mark=$(printf '\357\273\277')
    tail -c 1048576 "$1" | iconv -c -f "$from" -t UTF-8 2>/dev/null | LC_ALL=C sed "1s|^$mark||"
  else
    cat "$1"
  fi
}

if [ ! -f "$3" ]; then
  said=$3
  log=$(printf '%s' "$3" | readable; printf x)
elif [ -r "$3" ]; then
  said=
  log=$(decoded "$3" | readable; printf x)
else
  said="$3 cannot be read"
  log=x
fi
log=${log%x}

# Identifies a failure across attempts to report it. Legs of a matrix have the same variables, so the log distinguishes them.
event_id=
if [ -n "${GITHUB_RUN_ID:-}" ] && command -v sha256sum >/dev/null 2>&1; then
  line_end='
'
  job="$GITHUB_RUN_ID|${GITHUB_RUN_ATTEMPT:-}|${GITHUB_JOB:-}|${RUNNER_NAME:-}"
  event_id="ci-$(printf '%s|%s|%s|%s' "$job" "$1" "$2" "${log%"$line_end"}" | sha256sum | cut -c 1-40)"
fi
step=$(printf '%s' "$2" | readable)
said=$(printf '%s' "$said" | readable)

# shellcheck disable=SC2016 # The dollar signs belong to jq.
program='
def whole:
  split("\ufffd")
  | if length < 2 then .[0] // "" else [.[0]] + [.[1:-1][] | select(. != "")] + [.[-1]] | join("\ufffd") end;
# Like gsub, but not quadratic in the number of matches.
def replaced($pattern; $flags; by):
  . as $line | explode as $codes
  | reduce ($line | match($pattern; "g" + $flags)) as $match ({at: 0, parts: []};
      .parts += [($codes[.at:$match.offset] | implode), ($match | by)] | .at = $match.offset + $match.length)
  | .parts + [$codes[.at:] | implode] | join("");
def captured($at): .captures[$at].string // "";
def cut($head; $tail): if length > $head + $tail then .[:$head] + " … " + .[length - $tail:] else . end;
def secret_name: test("TOKEN|SECRET|PASS|_PWD$|CREDENTIAL|PRIVATE|API_?KEY|ACCESS_?KEY|_KEY$|DSN$|WEBHOOK|DATABASE_URL$"; "i");
([env | to_entries[] | select(.key | secret_name) | .value | split("\n")[] | rtrimstr("\r") | select(length >= 6)]
  | unique | sort_by(-length)) as $values
| def without_values: reduce $values[] as $value (.; split($value) | join("***"));
  def without_shapes:
    replaced("AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|gto_[A-Za-z0-9]{20,}|xox[abeprs]-[A-Za-z0-9-]{10,}|sk-[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{30,}|lck_[0-9a-f]{40}|eyJ[A-Za-z0-9_-]{8,}[.][A-Za-z0-9_-]{8,}[.][A-Za-z0-9_-]*"; ""; "***")
    | replaced("://[^/?# \t]+@"; ""; "://***@")
    | replaced("([A-Za-z0-9._%+-]+:)[^ \t/@:]+(@(?:[A-Za-z0-9-]+[.][A-Za-z]|localhost))"; ""; captured(0) + "***" + captured(1))
    | replaced("((?:password|passwd|passphrase|pwd|_pass|secret|token|(?:api|access|private)[_-]?key|authorization|credential)s?(?:[\\\\]?[\"\u0027]|)[ \t]*[:=][ \t]*)(?:([\\\\]?\")[^\"\\\\]{3,}|(\u0027)[^\u0027]{3,}|((?:bearer |basic |token )?)[^ \t\"\u0027,;&\\\\]{3,})"; "i";
        captured(0) + captured(1) + captured(2) + captured(3) + "***")
    | replaced("(--[a-z0-9-]*(?:password|passwd|passphrase|pass|pwd|secret|token|(?:api|access|private)-?key|credential)s?[ \t]+)(?:(\")[^\"]{3,}|(\u0027)[^\u0027]{3,}|[^ \t\"\u0027-][^ \t\"\u0027]{2,})"; "i";
        captured(0) + captured(1) + captured(2) + "***")
    | replaced("((?:^|[ \t])(?:-u|--user|--proxy-user)[ \t=]*[\"\u0027]?[^ \t:\"\u0027/]+:)[^ \t\"\u0027]{3,}"; ""; captured(0) + "***")
    | replaced("((?:(?:docker|podman|buildah|nerdctl|helm|oras|skopeo|crane|az|oc)[ \t][^|;&]{0,200}login[^|;&]{0,200}|sshpass)[ \t]-p[ \t]*[\"\u0027]?|(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump)[ \t](?:[^|;&]{0,200}[ \t])?-p[\"\u0027]?)[^ \t\"\u0027]{3,}"; "";
        captured(0) + "***");
  def masked: without_values | cut(1500; 1400) | without_shapes | cut(1000; 900);
  def without_keys:
    reduce .[] as $line ({inside: false, lines: []};
      ($line | contains("PRIVATE KEY")) as $of_key
      | ($of_key and ($line | contains("-----BEGIN "))) as $begins
      | ($line | contains("-----END ")) as $ends
      | (.inside or $begins) as $hidden
      # The end of a key that began before these lines.
      | if $of_key and $ends and ($hidden | not) then .lines |= map(if test("^[A-Za-z0-9+/=]{16,}$") then "***" else . end) else . end
      | .lines += [if $hidden then "***" else $line end]
      | .inside = ($hidden and ($ends | not)))
    | .lines;
  def lines: if . == "" then [] else rtrimstr("\n") | split("\n") | map(whole) | without_keys | map(masked) end;
  def clean($most): lines | map(select(length > 0)) | (.[0] // "") | .[:$most];
  def there: select(. != null and . != "");
  def variable($name): env[$name] | there;
  def kind:
    [ascii_downcase | scan("[a-z0-9]+")] as $words
    | def any_of($known): any($words[]; . as $word | $known | index([$word]) != null);
      if any_of(["test","tests","testing","spec","specs","e2e","jest","vitest","pytest","nextest","unittest"]) then "TestFailure"
      elif any_of(["lint","linter","eslint","stylelint","clippy","fmt","format","prettier","ruff","typecheck","tsc"]) then "LintError"
      elif any_of(["deploy","deployment","rollout","kubectl","helm"]) then "DeployError"
      elif any_of(["docker","buildx","kaniko","image","podman"]) then "DockerBuildError"
      elif any_of(["npm","pnpm","yarn","vite","webpack","frontend","node"]) then "NpmBuildError"
      else "CICDFailure" end;
  (@base64d as $log | ($step | clean(500)) as $step
  | ($step | kind) as $type
  | ((variable("LOG_CENTER_FORGE_URL") // variable("GITHUB_SERVER_URL")) // null) as $forge
  | (if $forge and (env.GITHUB_REPOSITORY // "") != "" then ($forge | sub("/+$"; "")) + "/" + env.GITHUB_REPOSITORY else null end) as $repository
  | ((if env.GITEA_ACTIONS == "true" then variable("GITHUB_RUN_NUMBER") else variable("GITHUB_RUN_ID") end) // null) as $page
  | ((variable("GITHUB_HEAD_REF") // variable("GITHUB_REF_NAME")) // null) as $branch
  | ((variable("GITHUB_SHA")) // null) as $commit
  | ({
      job_name: env.GITHUB_JOB, step_name: $step, workflow: env.GITHUB_WORKFLOW, run_id: env.GITHUB_RUN_NUMBER,
      branch: $branch, actor: env.GITHUB_ACTOR, commit: $commit,
      run_url: (variable("LOG_CENTER_RUN_URL") // (if $repository and $page then $repository + "/actions/runs/" + $page else null end))
    } | with_entries(select(.value != null and .value != "") | .value |= clean(500))) as $context
  | ((($branch // "") | clean(128)) | if . == "" then null else . end) as $environment
  | (($said | clean(2000)) | if . == "" then null else . end) as $said
  | ($said // (((($context.workflow // $context.job_name) | if . then . + " " else "" end)) + "failed" + (if $environment then " on branch " + $environment else "" end))) as $what
  | ($log | lines) as $lines
  | {
      project_id: $project, environment: ($environment // "unknown"), level: "ERROR",
      source: (if $type == "DeployError" then "deployment" else "cicd" end),
      version: null,
      commit_hash: ($commit | if . then clean(500) else null end),
      repo_url: ($repository | if . then . + ".git" | clean(500) else null end),
      timestamp: null,
      sent_at: (now | floor | todate),
      event_id: (if $event_id == "" then null else $event_id end),
      error: {type: $type, message: "[\($step)] \($what)", file_path: null, line_number: null,
        stack_trace: (if all($lines[]; . == "") then null else $lines | join("\n") end)},
      context: $context
    })'

# jq reads its input in chunks and may split characters between them; base64 has none to split.
report=$(printf '%s' "$log" | base64 | tr -d '\n' | jq -Rs -c --arg project "$1" --arg step "$step" --arg said "$said" --arg event_id "$event_id" "$program" 2>/dev/null)
if [ -z "$report" ]; then
  say "not reported: jq could not make the report; version 1.6 or later is needed"
  exit 0
fi
case ${LOG_CENTER_DRY_RUN:-} in
  '' | 0 | [fF] | [fF]alse | FALSE | [nN] | [nN]o | NO | [oO]ff | OFF) ;;
  *)
    printf '%s\n' "$report"
    exit 0
    ;;
esac

# curl gets the time that jq left.
left=$((3 - $(date +%s) + begun))
[ "$left" -ge 1 ] || left=1

# The key is not passed on the command line, which every process on the machine can read.
key=$(printf '%s' "${LOG_CENTER_KEY:-}" | sed 's/[\\"]/\\&/g')
answer=$(
  printf '%s' "$report" | {
    exec 3<&0
    { [ -z "$key" ] || printf 'header = "Authorization: Bearer %s"\n' "$key"; } |
      curl -K - -sS --max-time "$left" -X POST -H 'Content-Type: application/json' --data-binary @/dev/fd/3 \
        -w '\n%{http_code}' "${url%/}/api/v1/logs/report" 2>&1
  }
)
status=${answer##*
}
issue=$(printf '%s' "$answer" | sed -n 's/.*"id":\([0-9]*\).*/\1/p' | head -n 1)
case $status:$issue in
  200:[0-9]*) say "reported as issue $issue of $1" ;;
  *) say "not reported: $(printf '%s' "$answer" | tr '\n' ' ' | cut -c 1-300)" ;;
esac
exit 0
