/** What each shell is to do when Tab is pressed: ask the tool itself, so that a script never grows old. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** How each is told of it, once. */
export const INSTALLING: Readonly<Record<Shell, string>> = {
  bash: 'source <(revshare complete bash)',
  zsh: 'source <(revshare complete zsh)',
  fish: 'revshare complete fish | source',
};

// Where the tool knows nothing, a file may be meant.
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `_revshare() {
  local word
  COMPREPLY=()
  while IFS=$'\\t' read -r word _; do
    COMPREPLY+=("$word")
  done < <(revshare complete words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _revshare revshare
`,
  zsh: `_revshare() {
  local -a found
  local line
  while IFS= read -r line; do
    line=\${line//:/\\\\:}
    found+=("\${line/$'\\t'/:}")
  done < <(revshare complete words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then
    _describe revshare found
  else
    _files
  fi
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _revshare revshare
`,
  fish: `function __revshare_words
    set -l typed (commandline -opc) (commandline -ct)
    set -l found (revshare complete words -- $typed[2..-1] 2>/dev/null)
    if set -q found[1]
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c revshare -f -a '(__revshare_words)'
`,
};
