/**
 * Fetches into a file beside the target, checks it, gives it its owner and mode, and renames it: whoever looks sees the old
 * file or the new one. Headers arrive on standard input.
 */
export const script = `set -eu
url=$1 dest=$2 algorithm=$3 hash=$4 mode=$5 owner=$6 tool=$7 seconds=$8
new=$(mktemp "$dest.XXXXXX")
trap 'rm -f -- "$new"' EXIT
trap 'exit 1' HUP INT TERM
if command -v curl >/dev/null 2>&1; then
  case $url in https:*) only==https;; *) only==http,https;; esac
  curl --disable --config - --fail --silent --show-error --location --proto "$only" --proto-redir "$only" --max-time "$seconds" --output "$new" --url "$url"
elif [ "$tool" = any ] && command -v wget >/dev/null 2>&1; then
  set --
  while IFS= read -r line; do
    line=\${line#'header = "'}
    set -- "$@" --header "$(printf '%s' "\${line%'"'}" | sed 's/\\\\\\(.\\)/\\1/g')"
  done
  wget -q -O "$new" "$@" -- "$url" || { echo "wget could not fetch $url" >&2; exit 1; }
else
  [ "$tool" = any ] && echo "the host has neither curl nor wget" >&2 || echo "the host has no curl" >&2
  exit 127
fi
if [ -n "$hash" ]; then
  is=$("\${algorithm}sum" < "$new")
  is=\${is%% *}
  if [ "$is" != "$hash" ]; then echo "what came has the $algorithm $is, not $hash; it was thrown away" >&2; exit 1; fi
fi
if [ -n "$owner" ]; then chown "$owner" "$new"; fi
chmod "$mode" "$new"
sync "$new" 2>/dev/null || :
mv -f -- "$new" "$dest"
trap - EXIT`
