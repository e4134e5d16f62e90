import { initKeys, keyStatus, rotateKeys, type KeyMade, type KeyStatus } from '../../../services/keys/manage-keys.ts';
import { confirmRoutine } from '../../confirmation.ts';
import type { Command, Example } from '../../command.ts';
import { listCommand, type NounRows } from '../../listing.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { flag } from '../../parameters.ts';

const s = columnsOf<KeyStatus>();

const status = listCommand<KeyStatus, Record<never, never>>({
  noun: 'key',
  plural: 'keys',
  id: (row) => row.key,
  columns: [
    s.code('key', (row) => row.key),
    s.flag('seals', (row) => row.seals),
    s.flag('present', (row) => row.present),
    s.number('sealed', (row) => row.sealed),
    s.number('needed', (row) => row.needed),
    s.text('from', (row) => row.from),
  ],
  verb: 'status',
  summary: 'which keys there are, and which of them the books need',
  description:
    'A key by the beginning of a hash of it. The newest one seals; `needed` counts what no later one sealed again: with 0 a key may ' +
    'be thrown away, once no older copy of the books is kept.',
  filters: {},
  paged: false,
  query: async (ctx) => await keyStatus(ctx),
  whenEmpty: '`revshare keys init` makes the first',
  examples: [{ command: 'keys status' }, { command: 'keys status --json', setup: ['keys init'] }],
});

const m = columnsOf<KeyMade>();
const madeRows: NounRows<KeyMade> = {
  noun: 'key',
  plural: 'keys',
  id: (row) => row.key ?? '',
  columns: [
    m.code('key', (row) => row.key),
    m.text('from', (row) => row.file),
    m.number('sealed_again', (row) => row.resealed),
  ],
};

const init = mutation({
  rows: madeRows,
  verb: 'init',
  summary: 'make the first key that account data is sealed with',
  description:
    'Makes a key of 256 bits in a file that its owner alone may read: REVSHARE_KEY_FILE, or `keys` in the home. Keep a copy ' +
    'of it apart from the books: without it account data is lost, with both it is open. Backups of the books have no key in ' +
    'them. The keys may stand in REVSHARE_KEYS instead.',
  parameters: {},
  examples: [{ command: 'keys init' }, { command: 'keys init --dry-run' }],
  run: async (ctx) => await initKeys(ctx),
  done: (row) => `made key ${row.key} in ${row.file}; keep a copy of it apart from the books`,
});

const made: readonly string[] = ['keys init'];
const withKey = (command: string): Example => ({ command, setup: made });

const rotate = mutation({
  rows: madeRows,
  verb: 'rotate',
  summary: 'make a new key, and seal with it what older ones sealed',
  description:
    'The new key is on the disk before it seals anything, and older ones stay beside it: they open older copies of the books. ' +
    'Interrupted, it is finished by --reseal, which makes no new key; so are keys that come from REVSHARE_KEYS: put a ' +
    'new line behind the others there, and seal again.',
  parameters: { reseal: flag('--reseal', 'make no key: seal again by the newest there is') },
  examples: [withKey('keys rotate --yes'), withKey('keys rotate --reseal --yes'), withKey('keys rotate --dry-run')],
  async prepare(invocation, { reseal }) {
    const what = reseal
      ? 'Seal all account data by the newest key?'
      : 'Make a new key and seal all account data by it?';
    await confirmRoutine(invocation, what);
  },
  run: async (ctx, { reseal }) => await rotateKeys(ctx, { resealOnly: reseal }),
  done: (row) => `sealed ${row.resealed} by key ${row.key}`,
});

export const commands: readonly Command[] = [init, status, rotate];
