import type { SingleBar } from 'cli-progress';
import type { Clock, Progress } from '../services/context.ts';
import { plainText } from './output/plain-text.ts';
import type { Io } from './io.ts';

const BETWEEN_LINES = 5_000;
const SILENT: Progress = { step: () => {}, done: () => {} };

/** Where long work says how far it is: a bar on a terminal, a line every few seconds elsewhere, nothing with --quiet. */
export function progressOn(io: Io, clock: Clock, quiet: boolean): Progress {
  if (quiet) return SILENT;
  return io.stderrIsTTY ? bar(io) : lines(io, clock);
}

function lines(io: Io, clock: Clock): Progress {
  // Short work says nothing: the first line comes when somebody has begun to wonder.
  let last = clock.now();
  return {
    step(label, done, total) {
      if (clock.now() - last < BETWEEN_LINES) return;
      last = clock.now();
      const share = total === null || total === 0 ? '' : ` (${Math.floor((done / total) * 100)} %)`;
      const of = total === null ? '' : ` of ${grouped(total)}`;
      io.stderr.write(`${plainText(label)}: ${grouped(done)}${of}${share}\n`);
    },
    done: () => {},
  };
}

function bar(io: Io): Progress {
  let drawn: SingleBar | null = null;
  let loading = false;
  let ended = false;
  let latest = { label: '', done: 0, total: null as number | null };

  const draw = () => {
    const { label, done, total } = latest;
    if (drawn === null || ended) return;
    drawn.setTotal(Math.max(total ?? 0, done, 1));
    drawn.update(done, {
      label: plainText(label),
      count: total === null ? grouped(done) : `${grouped(done)}/${grouped(total)}`,
    });
  };
  const load = async () => {
    const { default: cliProgress } = await import('cli-progress');
    if (ended) return;
    drawn = new cliProgress.SingleBar({
      stream: io.stderr,
      format: '{label} [{bar}] {count}',
      clearOnComplete: true,
      hideCursor: true,
      barsize: 30,
      etaBuffer: 100,
    });
    drawn.start(1, 0, { label: '', count: '' });
    draw();
  };
  return {
    step(label, done, total) {
      latest = { label, done, total };
      ended = false;
      if (drawn === null && !loading) {
        loading = true;
        // A bar that cannot be loaded is no reason to stop what it was to show.
        load().catch(() => {});
      }
      draw();
    },
    done() {
      ended = true;
      drawn?.stop();
      drawn = null;
      loading = false;
    },
  };
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
