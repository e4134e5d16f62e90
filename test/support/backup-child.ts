/** `backupDatabase` as a process of its own, for tests that kill it: HOME OUT; says `copying` when bytes flow. */
import { backupDatabase } from '../../src/services/backup/backup-database.ts';

const [home = '', out = ''] = process.argv.slice(2);
let said = false;
await backupDatabase({ home, databaseUrl: null, ownerUrl: null, actor: null, osUser: 'tester' }, out, {
  tool: 'test',
  progress: {
    step: (_, done) => {
      if (said || done < 5) return;
      said = true;
      process.stdout.write('copying\n');
    },
    done: () => {},
  },
});
process.stdout.write('done\n');
