export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** The one line in which the program asks for the names of files, which shells know best. */
export const FILES = ':files';

/** Asks the program itself what may come next. */
export function completionScript(shell: Shell): string {
  return { bash: BASH, zsh: ZSH, fish: FISH }[shell];
}

// bash has cut words at "=" already; the program puts them together. bash 3, as on macOS, has no mapfile.
const BASH = `_sched_complete() {
  local candidate tab=$'\\t'
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("\${candidate%%$tab*}")
  done < <("\${COMP_WORDS[0]}" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [[ \${COMPREPLY[0]} == ${FILES} ]]; then
    COMPREPLY=()
    compopt -o default 2>/dev/null
  fi
}
complete -F _sched_complete sched simple-scheduler-cli
`;

// zsh has a builtin of the short name, which `command` passes by.
const ZSH = `#compdef sched simple-scheduler-cli
_sched() {
  local line tab=$'\\t'
  local -a lines described
  lines=("\${(@f)$(command "\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ $lines[1] == ${FILES} ]]; then
    _files
    return
  fi
  for line in $lines; do
    [[ -n $line ]] && described+=("\${\${line%%$tab*}//:/\\\\:}:\${line#*$tab}")
  done
  (( $#described )) && _describe -V 'sched' described
}
if [[ $funcstack[1] == _sched ]]; then
  _sched "$@"
else
  compdef _sched sched simple-scheduler-cli
fi
`;

const FISH = `function __sched_complete
  set -l tokens (commandline -opc)
  set -l current (commandline -ct)
  set -l lines ($tokens[1] __complete -- $tokens[2..-1] "$current" 2>/dev/null)
  if test "$lines[1]" = ${FILES}
    __fish_complete_path "$current"
  else if test (count $lines) -gt 0
    printf '%s\\n' $lines
  end
end
complete -c sched -f -k -a '(__sched_complete)'
complete -c simple-scheduler-cli -f -k -a '(__sched_complete)'
`;
