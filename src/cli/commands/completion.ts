import type { Command } from 'commander';
import { failure } from '../../lib/index.ts';
import type { Session } from '../session.ts';

/** `toryo completion`: a script made from the same tree as the help, so it knows every command and option. */
export function completion(shell: string, tree: Command, session: Session): Promise<number> {
  const write = writers[shell];
  if (write === undefined)
    throw failure('TORYO_USAGE', {
      why: `there is no completion for ${shell}; there is for bash, zsh and fish`,
    });
  session.print(write(pathsOf(tree)));
  return Promise.resolve(0);
}

/** A command by its words, and what may follow. */
interface Node {
  readonly words: string;
  readonly about: string;
  readonly next: readonly { readonly word: string; readonly about: string }[];
}

function pathsOf(command: Command, above = ''): readonly Node[] {
  const options = command.options.map((option) => ({
    word: option.long ?? option.short ?? '',
    about: option.description,
  }));
  const commands = command.commands.map((one) => ({ word: one.name(), about: one.description() }));
  const here: Node = { words: above, about: command.description(), next: [...commands, ...options] };
  return [
    here,
    ...command.commands.flatMap((one) => pathsOf(one, above === '' ? one.name() : `${above} ${one.name()}`)),
  ];
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const writers: Readonly<Record<string, (nodes: readonly Node[]) => string>> = {
  bash: bashText,
  zsh: (nodes) => `autoload -U +X bashcompinit && bashcompinit\n${bashText(nodes)}`,
  fish: fishText,
};

function bashText(nodes: readonly Node[]): string {
  const cases = nodes.map(
    (node) => `    ${quoted(node.words)}) words=${quoted(node.next.map((one) => one.word).join(' '))} ;;`,
  );
  return `# toryo completion; use it with: source <(toryo completion bash)
_toryo() {
  local path='' word words='' current="\${COMP_WORDS[COMP_CWORD]}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) case " ${commandWords(nodes)} " in *" \${path:+$path }$word "*) path="\${path:+$path }$word" ;; esac ;; esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ \${#COMPREPLY[@]} -eq 0 ] && COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _toryo toryo
`;
}

function commandWords(nodes: readonly Node[]): string {
  return nodes
    .map((node) => node.words)
    .filter((words) => words !== '')
    .join('  ');
}

function fishText(nodes: readonly Node[]): string {
  const lines = nodes.flatMap((node) => {
    const condition =
      node.words === ''
        ? '__fish_use_subcommand'
        : node.words
            .split(' ')
            .map((word) => `__fish_seen_subcommand_from ${word}`)
            .join('; and ');
    return node.next.map(({ word, about }) =>
      word.startsWith('--')
        ? `complete -c toryo -n ${quoted(condition)} -l ${word.slice(2)} -d ${quoted(about)}`
        : `complete -c toryo -n ${quoted(condition)} -f -a ${word} -d ${quoted(about)}`,
    );
  });
  return `# toryo completion; use it with: toryo completion fish | source\n${lines.join('\n')}\n`;
}
