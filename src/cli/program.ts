import { Command as Commander, CommanderError, Help, Option } from 'commander';
import { commandsOf, type Command, type NounCommands, type NounEntry } from './command.ts';
import type { RawInput } from './complete-input.ts';
import { globalOptions, mutationOptions } from './global-options.ts';
import { misread } from './misunderstood.ts';
import type { Parameter } from './parameters.ts';

/** A command line that was understood: which command, what was typed for it, and the global options. */
export interface Call {
  readonly command: Command;
  /** 'partner create'. */
  readonly words: string;
  readonly raw: RawInput;
  readonly globals: Readonly<Record<string, unknown>>;
}

export interface ProgramSettings {
  readonly version: string;
  readonly nouns: readonly NounEntry[];
  /** The words of the command line, noun first. */
  readonly words: readonly string[];
  /** The noun that is called, loaded; of the others only a summary is known. */
  readonly called: { readonly name: string; readonly module: NounCommands } | null;
  readonly helpWidth: number;
  /** Help and the version go here; what is wrong is thrown. */
  readonly writeOut: (text: string) => void;
}

/**
 * Parses a command line by commander and returns the call, or null where help or the version was asked for and written.
 * The only file that knows commander: everything it is told comes from declarations.
 * @throws UsageError for what cannot be understood
 */
export function parseCommandLine(argv: readonly string[], settings: ProgramSettings): Call | null {
  let call: Call | null = null;
  const root = new Commander('revshare');
  // Made before any subcommand: .command() hands both on, .addCommand() would not.
  root
    .exitOverride()
    .configureOutput({
      writeOut: settings.writeOut,
      writeErr: () => {},
      getOutHelpWidth: () => settings.helpWidth,
      getErrHelpWidth: () => settings.helpWidth,
    })
    .configureHelp({
      showGlobalOptions: true,
      visibleGlobalOptions: visibleGlobals,
      subcommandTerm,
      formatHelp: optionsLast,
    })
    .showSuggestionAfterError(true)
    .description('Partner revenue share: revenue in, commissions decided, every cent explained.')
    .usage('<command> [options]')
    .version(settings.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print the help of a command');
  for (const option of globalOptions()) root.addOption(option);
  for (const option of mutationOptions()) root.addOption(option.hideHelp());

  for (const noun of settings.nouns) {
    const node = root
      .command(noun.name)
      .summary(noun.summary)
      .description(asSentence(noun.summary))
      .usage('<command> [options]')
      .helpCommand(false);
    if (settings.called?.name !== noun.name) continue;
    for (const command of commandsOf(settings.called.module)) {
      const leaf = command.verb === '' ? node : node.command(command.verb);
      describeCommand(leaf, command, (raw) => {
        call = { command, words: `${noun.name} ${command.verb}`.trim(), raw, globals: root.opts() };
      });
    }
  }
  root.addHelpText('after', '\nEach command has a --help of its own, with examples that run.');
  try {
    root.parse([...argv], { from: 'user' });
    return call;
  } catch (error) {
    // Commander throws even where all went well and help or the version was printed.
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return null;
    if (error.code !== 'commander.help') throw misread(error, settings.words);
    root.outputHelp();
    return null;
  }
}

function describeCommand(node: Commander, command: Command, called: (raw: RawInput) => void): void {
  node.summary(command.summary).description(sentences(command));
  const keys = Object.keys(command.parameters);
  const positional: string[] = [];
  for (const key of keys) {
    const parameter = command.parameters[key]!;
    if (parameter.place === 'argument') {
      positional.push(key);
      // Never <required> for commander: what is missing is asked for, or named together with all else that is.
      node.argument(`[${parameter.flags}]`, parameter.about);
    } else {
      node.addOption(commanderOption(parameter, key));
    }
  }
  // Shown only: the root reads them, wherever they stand.
  if (command.mutates) for (const option of mutationOptions()) node.addOption(option);
  node.usage(usage(command));
  if (command.examples.length > 0) {
    const lines = command.examples.map((example) => `  $ revshare ${example.command}`);
    node.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
  }
  node.action((...given: unknown[]) => {
    const options = node.opts<Record<string, unknown>>();
    const raw: Record<string, readonly string[] | boolean | undefined> = {};
    for (const key of keys) {
      const at = positional.indexOf(key);
      const value = at === -1 ? options[key] : given[at];
      raw[key] = typeof value === 'string' ? [value] : (value as readonly string[] | boolean | undefined);
    }
    called(raw);
  });
}

/** An option whose value commander keeps under the parameter's own key, not under one made from its flags. */
class NamedOption extends Option {
  readonly #key: string;
  constructor(flags: string, about: string, key: string) {
    super(flags, about);
    // --no-parent is a flag like any other, and not what makes --parent false.
    this.negate = false;
    this.#key = key;
  }
  override attributeName(): string {
    return this.#key;
  }
}

function commanderOption(parameter: Parameter, key: string): Option {
  const choices = parameter.choices === null ? '' : ` (${parameter.choices.join(', ')})`;
  const option = new NamedOption(parameter.flags, `${parameter.about}${choices}`, key);
  if (parameter.shape !== 'flag') {
    // All that was given is kept: a value given twice is a mistake that the last one would hide.
    option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);
  }
  return option;
}

function usage(command: Command): string {
  const parts = Object.values(command.parameters).flatMap(({ place, flags, required, shape }) => {
    if (place === 'argument') return [required ? `<${flags}>` : `[${flags}]`];
    return required && shape !== 'flag' ? [flags.replace(/^-\w, /, '')] : [];
  });
  return [...parts, '[options]'].join(' ');
}

function sentences({ summary, description }: Command): string {
  return description ?? asSentence(summary);
}

function asSentence(summary: string): string {
  return `${summary[0]!.toUpperCase()}${summary.slice(1)}.`;
}

/** 'create <CODE>': what has to be typed, without the options, which every command has; of a noun the name alone. */
function subcommandTerm(node: Commander): string {
  const typed = node.usage().split(' ');
  const end = typed.findIndex((word) => /^(-.*|\[options\]|<command>)$/.test(word));
  return [node.name(), ...typed.slice(0, end)].join(' ');
}

/** Commander's help with the commands before the options: what there is comes before how it is said. */
function optionsLast(node: Commander, helper: Help): string {
  const blocks = Help.prototype.formatHelp.call(helper, node, helper).trimEnd().split('\n\n');
  const isOptions = (block: string) => /^(Global )?Options:/.test(block);
  return `${[...blocks.filter((block) => !isOptions(block)), ...blocks.filter(isOptions)].join('\n\n')}\n`;
}

/** In the help of a command the root's options are listed, without what is the command's own or the root's alone. */
function visibleGlobals(node: Commander): Option[] {
  const root = node.parent === null ? null : rootOf(node);
  return root === null ? [] : root.options.filter(({ hidden, long }) => !hidden && long !== '--version');
}

function rootOf(node: Commander): Commander {
  return node.parent === null ? node : rootOf(node.parent);
}
