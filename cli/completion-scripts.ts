/** Bash splits words at ":" and "=", which references and revisions have: the word is taken from the line itself. */
const BASH = `# bash completion of landfall
_landfall() {
  local line="\${COMP_LINE:0:COMP_POINT}" cur prefix reply
  local -a words
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  cur="\${words[\${#words[@]} - 1]}"
  prefix="\${cur%"\${COMP_WORDS[COMP_CWORD]}"}"
  [[ \${COMP_WORDS[COMP_CWORD]} == [:=] ]] && prefix="$cur"
  COMPREPLY=()
  while IFS= read -r reply; do
    if [[ $reply == :path ]]; then
      compopt -o default 2>/dev/null
      return
    fi
    COMPREPLY+=("\${reply#"$prefix"}")
  done < <("\${words[0]}" completion words -- "\${words[@]:1}" 2>/dev/null)
}
complete -F _landfall landfall`;

const ZSH = `#compdef landfall
_landfall() {
  local -a replies
  replies=("\${(@f)$("\${words[1]}" completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ \${replies[1]} == :path ]]; then
    _files
  else
    compadd -- "\${(@)replies:#}"
  fi
}
compdef _landfall landfall`;

const FISH = `# fish completion of landfall
function __landfall_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l replies ($words[1] completion words -- $words[2..-1] 2>/dev/null)
  if test "$replies[1]" = :path
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $replies
  end
end
complete -c landfall -f -a '(__landfall_complete)'`;

export const SHELLS: Readonly<Record<string, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
