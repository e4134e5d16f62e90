import { Option } from 'commander';
import { COLOR_CHOICES, OUTPUT_FORMATS, type ColorChoice, type ConfigKey, type ConfigSources } from '../config.ts';
import { UsageError } from '../domain/errors.ts';

/** What every command understands, before or after its words. */
export interface GlobalOptions {
  readonly json: boolean;
  readonly yes: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly dryRun: boolean;
  readonly plan: string | null;
  readonly config: ConfigSources['flags'];
}

interface Declared {
  readonly flags: string;
  readonly about: string;
  /** Shown in the help of commands that change something, and refused by all others. */
  readonly mutations?: boolean;
}

const DECLARED: readonly Declared[] = [
  { flags: '-o, --output <format>', about: `print as ${OUTPUT_FORMATS.join(', ')}` },
  { flags: '--json', about: 'short for -o json; errors too' },
  { flags: '--programme <name>', about: 'the partner programme to work in' },
  { flags: '--actor <name>', about: 'who acts' },
  { flags: '--home <dir>', about: "the embedded server's books" },
  { flags: '--yes', about: 'answer routine questions with yes; ask nothing' },
  { flags: '--quiet', about: 'no notes and no progress' },
  { flags: '--verbose', about: 'say where a fault happened' },
  { flags: '--color <when>', about: `${COLOR_CHOICES.join(', ')}; NO_COLOR and FORCE_COLOR are honoured` },
  { flags: '--dry-run', about: 'print what would change, and change nothing', mutations: true },
  { flags: '--plan <hash>', about: 'do only what a dry run with this hash printed', mutations: true },
];

/** The flags that every command understands, and those of commands that change something. */
export const GLOBAL_FLAGS = DECLARED.filter(({ mutations }) => mutations !== true);
export const MUTATION_FLAGS = DECLARED.filter(({ mutations }) => mutations === true);
export const globalOptions = (): readonly Option[] => GLOBAL_FLAGS.map(({ flags, about }) => new Option(flags, about));
export const mutationOptions = (): readonly Option[] =>
  MUTATION_FLAGS.map(({ flags, about }) => new Option(flags, about));

/** The names of the options that take a value, as they may stand before the noun. */
const WITH_VALUE = new Set(
  DECLARED.filter(({ flags }) => flags.includes('<')).flatMap(({ flags }) => flags.replace(/ <.*/, '').split(', ')),
);

/** The words of a command line that are neither options nor the values of global ones: noun first. */
export function leadingWords(argv: readonly string[]): string[] {
  const words: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at]!;
    if (word === '--') break;
    if (!word.startsWith('-') || word === '-') words.push(word);
    else if (WITH_VALUE.has(word)) at += 1;
  }
  return words;
}

/** `partner terms set` for `partner-terms set`: a noun of two words may be typed as two, and `rail` as the rail profile it is of. */
export function withNounsJoined(
  argv: readonly string[],
  nouns: readonly { readonly name: string; readonly also?: readonly string[] }[],
): readonly string[] {
  const [first, second] = leadingWords(argv);
  const noun = nouns.find(({ name, also = [] }) => [name, ...also].includes(`${first}-${second}`));
  if (first === undefined || second === undefined || noun === undefined) return argv;
  const at = argv.indexOf(first);
  return argv[at + 1] === second ? argv.toSpliced(at, 2, noun.name) : argv;
}

/** How errors are to be printed: read before anything is parsed, since parsing may be what fails. */
export function errorSettings(argv: readonly string[]): { json: boolean; verbose: boolean; color: ColorChoice } {
  const formats = valuesOf(argv, '--output', '-o');
  const color = valuesOf(argv, '--color').at(-1);
  return {
    json: argv.includes('--json') || formats.includes('json') || formats.includes('ndjson'),
    verbose: argv.includes('--verbose'),
    color: COLOR_CHOICES.find((choice) => choice === color) ?? 'auto',
  };
}

function valuesOf(argv: readonly string[], long: string, short?: string): (string | undefined)[] {
  return argv.flatMap((word, at) => {
    if (word === long || word === short) return [argv[at + 1]];
    if (word.startsWith(`${long}=`)) return [word.slice(long.length + 1)];
    return short !== undefined && word.startsWith(short) && !word.startsWith('--') ? [word.slice(short.length)] : [];
  });
}

/**
 * Reads what commander found.
 * @throws UsageError `output_twice`, `not_a_mutation`, `plan_of_dry_run`
 */
export function readGlobalOptions(found: Readonly<Record<string, unknown>>, mutates: boolean): GlobalOptions {
  const text = (name: string) => found[name] as string | undefined;
  const json = found['json'] === true;
  const output = text('output');
  if (json && output !== undefined && output !== 'json') {
    throw new UsageError('output_twice', `--json and -o ${output} contradict each other`);
  }
  const dryRun = found['dryRun'] === true;
  const plan = text('plan') ?? null;
  if (!mutates && (dryRun || plan !== null)) {
    throw new UsageError(
      'not_a_mutation',
      `this command changes nothing: ${dryRun ? '--dry-run' : '--plan'} has no meaning`,
    );
  }
  if (dryRun && plan !== null) {
    throw new UsageError('plan_of_dry_run', '--dry-run makes a plan and --plan carries one out: give one of them');
  }
  const config: Partial<Record<ConfigKey, string>> = {};
  const set = (key: ConfigKey, value: string | undefined) => {
    if (value !== undefined) config[key] = value;
  };
  set('output', json ? 'json' : output);
  set('programme', text('programme'));
  set('actor', text('actor'));
  set('home', text('home'));
  set('color', text('color'));
  return {
    json,
    yes: found['yes'] === true,
    quiet: found['quiet'] === true,
    verbose: found['verbose'] === true,
    dryRun,
    plan,
    config,
  };
}
