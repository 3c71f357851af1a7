/** Fetches into the file `f` of the folder that it runs in, and checks it. Headers arrive on standard input. */
export const script = `set -eu
url=$1 algorithm=$2 hash=$3 tool=$4 seconds=$5
if command -v curl >/dev/null 2>&1; then
  case $url in https:*) only==https;; *) only==http,https;; esac
  curl --disable --config - --fail --silent --show-error --location --proto "$only" --proto-redir "$only" --max-time "$seconds" --output f --url "$url"
elif [ "$tool" = any ] && command -v wget >/dev/null 2>&1; then
  set --
  while IFS= read -r line; do
    line=\${line#'header = "'}
    set -- "$@" --header "$(printf '%s' "\${line%'"'}" | sed 's/\\\\\\(.\\)/\\1/g')"
  done
  wget -q -O f "$@" -- "$url" || { echo "wget could not fetch $url" >&2; exit 1; }
else
  [ "$tool" = any ] && echo "the host has neither curl nor wget" >&2 || echo "the host has no curl" >&2
  exit 127
fi
# curl makes no file of an empty answer.
[ -e f ] || : >f
if [ -n "$hash" ]; then
  is=$("\${algorithm}sum" < f)
  is=\${is%% *}
  if [ "$is" != "$hash" ]; then echo "what came has the $algorithm $is, not $hash; it was thrown away" >&2; exit 1; fi
fi`
