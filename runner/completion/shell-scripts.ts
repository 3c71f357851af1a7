/** The shells that trueup has a completion script for. */
export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** The scripts that ask trueup for candidates at each TAB. */
export const completionScripts: Readonly<Record<Shell, string>> = {
  bash: `# bash completion of trueup: eval "$(trueup completion bash)"
_trueup() {
  local line word candidates=() words=() kind=
  # Bash splits words at = and :, trueup does not.
  local typed=\${COMP_LINE:0:COMP_POINT} current
  read -ra words <<<"$typed"
  [[ $typed == *[[:space:]] ]] && words+=("")
  current=\${words[\${#words[@]}-1]}
  while IFS= read -r line; do
    case $line in
      :files) kind=files ;;
      :folders) kind=folders ;;
      *) candidates+=("\${line%%$'\\t'*}") ;;
    esac
  done < <("\${words[0]}" complete -- "\${words[@]:1}" 2>/dev/null)
  # What readline will replace is only what stands behind the last = or :.
  local prefix=\${current%"\${current##*[=:]}"}
  COMPREPLY=()
  for word in "\${candidates[@]}"; do
    word=\${word#"$prefix"}
    # A sentence is one word.
    [[ $word == *[[:space:]]* ]] && printf -v word '%q' "$word"
    COMPREPLY+=("$word")
  done
  if [[ $kind == files ]]; then
    compopt -o filenames
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "\${current#"$prefix"}")
  elif [[ $kind == folders ]]; then
    compopt -o filenames
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "\${current#"$prefix"}")
  fi
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *[=/] ]] && compopt -o nospace
  return 0
}
complete -F _trueup trueup
`,
  zsh: `#compdef trueup
# zsh completion of trueup: eval "$(trueup completion zsh)", or this file as _trueup in a folder of $fpath
_trueup() {
  local line word kind= cut
  local -a plain display
  while IFS= read -r line; do
    case $line in
      :files) kind=files ;;
      :folders) kind=folders ;;
      *)
        word=\${line%%$'\\t'*}
        plain+=("$word")
        if [[ $line == *$'\\t'* ]]; then display+=("$word  -- \${line#*$'\\t'}"); else display+=("$word"); fi
        ;;
    esac
  done < <("\${words[1]}" complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  if ((\${#plain})); then
    if [[ \${#plain} -eq 1 && \${plain[1]} == *[=/] ]]; then
      compadd -l -d display -S '' -a plain
    else
      compadd -l -d display -a plain
    fi
  fi
  [[ $kind == files ]] && _files
  [[ $kind == folders ]] && _files -/
  return 0
}
if [[ $funcstack[1] == _trueup ]]; then _trueup "$@"; else compdef _trueup trueup; fi
`,
  fish: `# fish completion of trueup: trueup completion fish | source
function __trueup_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l current (commandline -ct)
    for line in ($words[1] complete -- $words[2..-1] 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path $current
            case ':folders'
                __fish_complete_directories $current
            case '*'
                echo $line
        end
    end
end
complete -c trueup -f -a '(__trueup_complete)'
`,
}
