import type { Config, OutputFormat } from '../config.ts';
import type { ExitCode } from '../domain/errors.ts';
import type { Context, Progress } from '../services/context.ts';
import type { Asker } from './asker.ts';
import type { Host } from './host.ts';
import type { PrintSettings } from './output/printer.ts';
import type { Input, Parameters } from './parameters.ts';

/** What a running command has besides its input. */
export interface Invocation {
  readonly host: Host;
  readonly config: Config;
  /** As asked for by -o, --json or the configuration; null: by the stream. */
  readonly format: OutputFormat | null;
  readonly print: PrintSettings;
  readonly yes: boolean;
  readonly quiet: boolean;
  readonly dryRun: boolean;
  readonly plan: string | null;
  readonly progress: Progress;
  /** Null where nobody can answer: a missing answer is then a usage error. */
  readonly asker: Asker | null;
  /** A session in the programme, opened when first asked for and closed by the framework. */
  context(): Promise<Context>;
  /** A line beside the data: on stderr, unless --quiet. */
  note(text: string): Promise<void>;
  /** The table of contents, for whoever completes its words. */
  readonly nouns: readonly NounEntry[];
  /** The path of a file as typed, seen from where the command was typed. */
  path(file: string): string;
}

/** A command line that works as it stands; help shows it and a test runs it. */
export interface Example {
  /** Without the leading `revshare`. */
  readonly command: string;
  /** Commands that make what the example needs; help leaves them out. */
  readonly setup?: readonly string[];
  /** Files it reads, by name: their content. */
  readonly files?: Readonly<Record<string, string>>;
  /** 'nothing': needs no programme yet (init, db start). Default: a fresh programme. */
  readonly on?: 'programme' | 'nothing';
  /** The exit code it is meant to end with; default 0. */
  readonly exit?: ExitCode;
}

/** A command as data. Commander is told of it by src/cli/program.ts and by nobody else. */
export interface Command {
  /** The word after the noun; '' for a noun that is a command by itself (init, doctor). */
  readonly verb: string;
  readonly summary: string;
  readonly description: string | null;
  readonly parameters: Parameters;
  /** Whether it changes anything, and so takes --dry-run and --plan. */
  readonly mutates: boolean;
  /** Asked to stop (Ctrl-C, SIGTERM), it finishes the unit of work at hand and ends; others are abandoned where they are. */
  readonly finishesUnit: boolean;
  readonly examples: readonly Example[];
  readonly run: (invocation: Invocation, input: Readonly<Record<string, unknown>>) => Promise<ExitCode | void>;
}

export interface CommandDeclaration<P extends Parameters> {
  readonly verb: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters: P;
  readonly mutates?: boolean;
  readonly finishesUnit?: boolean;
  readonly examples: readonly Example[];
  run(invocation: Invocation, input: Input<P>): Promise<ExitCode | void>;
}

/** Declares a command that is neither a list, a show nor a plain mutation; those have factories of their own. */
export function command<P extends Parameters>(declaration: CommandDeclaration<P>): Command {
  return {
    verb: declaration.verb,
    summary: declaration.summary,
    description: declaration.description ?? null,
    parameters: declaration.parameters,
    mutates: declaration.mutates ?? false,
    finishesUnit: declaration.finishesUnit ?? false,
    examples: declaration.examples,
    run: async (invocation, input) => await declaration.run(invocation, input as Input<P>),
  };
}

/** The commands of a noun: several verbs, or one command that needs none. */
export type NounCommands = { readonly commands: readonly Command[] } | { readonly command: Command };

/** One line of the table of contents. A noun's code is loaded only when it is called. */
export interface NounEntry {
  readonly name: string;
  /** What it may be called as well, where somebody types two words for it. */
  readonly also?: readonly string[];
  readonly summary: string;
  readonly load: () => Promise<NounCommands>;
}

/** The verbs of a noun, or its one command under the empty verb. */
export function commandsOf(module: NounCommands): readonly Command[] {
  return 'command' in module ? [module.command] : module.commands;
}
