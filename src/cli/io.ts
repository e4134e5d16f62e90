/** The streams of a command and what they are connected to. */
export interface Io {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly stdinIsTTY: boolean;
  readonly stdoutIsTTY: boolean;
  readonly stderrIsTTY: boolean;
  /** Width of the terminal, where there is one. */
  readonly columns: number | null;
}

/** The width to fit output to: of a terminal, or what COLUMNS says instead; null in a pipe, where nothing is cut. */
export function widthOf(io: Io, env: Readonly<Record<string, string | undefined>>): number | null {
  if (!io.stdoutIsTTY) return null;
  const said = Number(env['COLUMNS']);
  return Number.isInteger(said) && said > 0 ? said : io.columns;
}
