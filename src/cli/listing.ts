import type { Context } from '../services/context.ts';
import { command, type Command, type Example, type Invocation } from './command.ts';
import { dateParameters, dateWindow, type DateWindow } from './date-window.ts';
import type { Column } from './output/columns.ts';
import { printList, printRow, type Section } from './output/printer.ts';
import { argument, option, wholeNumber, type Input, type Parameter, type Parameters } from './parameters.ts';

const DEFAULT_LIMIT = 100;
const LARGEST_LIMIT = 500;

export interface Page {
  readonly limit: number;
  readonly offset: number;
}

/** What a list or a show says about a noun: one declaration for both, and for what a mutation prints. */
export interface NounRows<R> {
  /** One of them, for messages: 'partner'. */
  readonly noun: string;
  readonly plural: string;
  readonly columns: readonly Column<R>[];
  /** What `-o id` prints, and a person would type. */
  readonly id: (row: R) => string;
}

export interface ListDeclaration<R, P extends Parameters> extends NounRows<R> {
  /** Default 'list'. */
  readonly verb?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly filters: P;
  /** What the rows' date is, where they have one: adds --from, --to and --period. */
  readonly dated?: string;
  /** A summary is short and whole: it takes no --limit and --offset. Default true. */
  readonly paged?: boolean;
  /** Rows in a stable order, at most `page.limit` of them from `page.offset` on. */
  query(ctx: Context, filter: Input<P>, page: Page, window: DateWindow): Promise<readonly R[]>;
  /** What to do where nothing is there yet: a command. */
  readonly whenEmpty?: string;
  readonly examples: readonly Example[];
}

/** Makes `list` (or a summary) of a noun: filters, pages, every output format. */
export function listCommand<R, P extends Parameters>(list: ListDeclaration<R, P>): Command {
  const paged = list.paged ?? true;
  const parameters: Parameters = {
    ...list.filters,
    ...(list.dated === undefined ? {} : dateParameters(list.dated)),
    ...(paged ? pageParameters : {}),
  };
  return command({
    verb: list.verb ?? 'list',
    summary: list.summary ?? `list ${list.plural}`,
    ...(list.description === undefined ? {} : { description: list.description }),
    parameters,
    examples: list.examples,
    async run(invocation, input) {
      const ctx = await invocation.context();
      const { window, echo } = dateWindow(ctx, input as Parameters_<typeof dateParameters>);
      if (echo !== null) await invocation.note(echo);
      const page = paged ? askedPage(input) : { limit: Number.MAX_SAFE_INTEGER, offset: 0 };
      await printPage(invocation, list, await list.query(ctx, input as Input<P>, page, window), page);
    },
  });
}

type Parameters_<F extends (...args: never[]) => Parameters> = Input<ReturnType<F>>;

/** The options of whatever is shown page by page. */
export const pageParameters = {
  limit: option('--limit <n>', `rows at most, 1–${LARGEST_LIMIT} (default ${DEFAULT_LIMIT})`, {
    read: wholeNumber('--limit', 1, LARGEST_LIMIT),
  }),
  offset: option('--offset <n>', 'rows to leave out first', {
    read: wholeNumber('--offset', 0, Number.MAX_SAFE_INTEGER),
  }),
};

/** The page to ask for: one row more than is shown tells whether there are more, at no cost of counting them. */
export function askedPage(input: Readonly<Record<string, unknown>>): Page {
  const { limit = DEFAULT_LIMIT, offset = 0 } = input as { limit?: number; offset?: number };
  return { limit: limit + 1, offset };
}

/** Prints the rows that `askedPage` brought, and says what was left out or what to do where nothing is. */
export async function printPage<R>(
  invocation: Invocation,
  { columns, id, plural, whenEmpty }: NounRows<R> & { readonly whenEmpty?: string },
  rows: readonly R[],
  { limit, offset }: Page,
): Promise<void> {
  const shown = rows.slice(0, Math.min(rows.length, limit - 1));
  await printList(invocation.print, columns, shown, id);
  if (rows.length > shown.length) {
    await invocation.note(`showing ${shown.length} of more; --offset ${offset + shown.length} shows the next`);
  }
  if (rows.length === 0 && invocation.host.io.stderrIsTTY) {
    await invocation.note(`no ${plural}${whenEmpty === undefined ? '' : `; ${whenEmpty}`}`);
  }
}

export interface ShowDeclaration<R, P extends Parameters, K extends string> extends NounRows<R> {
  /** Default 'show'. */
  readonly verb?: string;
  readonly summary?: string;
  readonly description?: string;
  /** How the one is named on the command line; default CODE. */
  readonly argument?: Parameter<K>;
  /** How it is to be shown: as of when, for instance. */
  readonly options?: P;
  readonly sections?: readonly Section<R>[];
  /** Throws NotFoundError with what may have been meant. */
  find(ctx: Context, code: K, options: Input<P>): Promise<R>;
  readonly examples: readonly Example[];
}

/** Makes `show` of a noun. */
export function showCommand<R, P extends Parameters = Parameters, K extends string = string>(
  show: ShowDeclaration<R, P, K>,
): Command {
  return command({
    verb: show.verb ?? 'show',
    summary: show.summary ?? `show one ${show.noun}`,
    ...(show.description === undefined ? {} : { description: show.description }),
    parameters: { code: show.argument ?? argument<string>('CODE', `the ${show.noun}`), ...show.options },
    examples: show.examples,
    async run(invocation, { code, ...options }) {
      const ctx = await invocation.context();
      const row = await show.find(ctx, code as K, options as unknown as Input<P>);
      await printRow(invocation.print, show.columns, row, show.id, show.sections);
    },
  });
}
