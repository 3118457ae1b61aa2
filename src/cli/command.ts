import { Option, type Command } from 'commander';
import { inSession, outputFormats, type CommonOptions, type Session } from './session.ts';

type Action = (session: Session) => Promise<number>;

/** What every command says of itself. */
interface Wanted {
  readonly name: string;
  readonly about: string;
  readonly examples: readonly string[];
  readonly hasMarkdown?: boolean;
}

/** A command with the options that every one has, and its examples. */
export function add(parent: Command, wanted: Wanted): Command {
  const command = parent.command(wanted.name).description(wanted.about).exitOverride();
  const formats = wanted.hasMarkdown === true ? [...outputFormats, 'markdown'] : outputFormats;
  command
    .addOption(new Option('-o, --output <format>', 'how to write results').choices(formats))
    .option('--no-color', 'no colours (also: NO_COLOR)');
  return command.addHelpText('after', examples(wanted.examples));
}

/** Lines of examples as help shows them. */
export function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}\n`;
}

/** The argument that names the fleet repository. */
export const repository = ['[path]', 'folder of the fleet repository', '.'] as const;

/** Gathers a repeatable option. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

/** The option that narrows a command to some clusters. */
export function withClusters(command: Command): Command {
  return command.option('-c, --cluster <name>', 'only this cluster (repeatable)', collect);
}

/** Runs what a command does. */
export function act(options: CommonOptions, action: Action): Promise<void> {
  return inSession(options, action);
}
