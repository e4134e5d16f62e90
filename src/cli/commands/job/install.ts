import { UsageError } from '../../../domain/errors.ts';
import {
  cronLines,
  kubernetesManifest,
  systemdUnits,
  type Installation,
  type UnitFile,
} from '../../../formats/scheduler-units.ts';
import { command, type Invocation } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { printList } from '../../output/printer.ts';
import { flag, option } from '../../parameters.ts';

const f = columnsOf<UnitFile>();
const columns = [f.code('name', (file) => file.name), f.text('content', (file) => file.content)];

export const install = command({
  verb: 'install',
  summary: 'print what systemd, cron or Kubernetes needs to wake run-due',
  description:
    'Prints units, a crontab line or a manifest for this programme, this user and this configuration, to be read and put ' +
    'where it says; it installs nothing. A password never stands in it: DATABASE_URL comes from a file that only the user ' +
    'reads, or from a secret. The embedded server gets a unit of its own, which holds it.',
  parameters: {
    systemd: flag('--systemd', 'a service and its timer'),
    cron: flag('--cron', 'a line for `crontab -e`'),
    kubernetes: flag('--kubernetes', 'a CronJob'),
    image: option('--image <image>', 'with --kubernetes: the image whose entry point is this tool'),
    secrets: option('--secrets <file>', 'holds DATABASE_URL=… (default /etc/revshare/PROGRAMME.env)'),
  },
  examples: [
    { command: 'job install --systemd' },
    { command: 'job install --cron' },
    { command: 'job install --kubernetes --image ledger.example/revshare:0.1.0' },
  ],
  async run(invocation, { systemd, cron, kubernetes, image, secrets }) {
    const { print, note } = invocation;
    if ([systemd, cron, kubernetes].filter(Boolean).length !== 1) {
      throw new UsageError('scheduler_unclear', 'say for which scheduler: --systemd, --cron or --kubernetes');
    }
    const installation = installationOf(invocation, secrets);
    const files = systemd
      ? systemdUnits(installation)
      : cron
        ? cronLines(installation)
        : kubernetesManifest(installation, imageFor(installation, image));
    if (print.format === null || print.format === 'table') {
      await print.out.write(files.map(({ name, content }) => `# ${name}\n${content}`).join('\n'));
    } else {
      await printList(print, columns, files, ({ name }) => name);
    }
    if (installation.envFile !== null && !kubernetes) {
      await note(
        `DATABASE_URL=… belongs into ${installation.envFile}, readable by ${installation.user} alone (mode 600)`,
      );
    }
  },
});

function installationOf({ config, host }: Invocation, secrets: string | undefined): Installation {
  const { where, programme } = config;
  const embedded = where.databaseUrl === null;
  return {
    executable: host.executable,
    programme,
    user: where.osUser,
    actor: where.actor ?? (embedded ? where.osUser : null),
    embeddedHome: embedded ? where.home : null,
    envFile: embedded ? null : (secrets ?? `/etc/revshare/${programme}.env`),
  };
}

function imageFor({ embeddedHome }: Installation, image: string | undefined): string {
  if (embeddedHome !== null) {
    throw new UsageError('database_url_needed', 'a pod keeps nothing, so the embedded server cannot be in it', {
      hint: 'set DATABASE_URL to a server of your own',
    });
  }
  if (image === undefined) {
    throw new UsageError('missing_input', 'missing: --image <image>', {
      hint: 'the image whose entry point is this tool',
    });
  }
  return image;
}
