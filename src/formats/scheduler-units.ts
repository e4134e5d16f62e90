/**
 * What a scheduler is given so that it wakes `job run-due`: units for systemd, lines for cron, a manifest for Kubernetes.
 * Text only, to be read before it is installed; no password ever stands in it.
 */
export interface Installation {
  /** The tool as absolute words: node and the script. */
  readonly executable: readonly string[];
  readonly programme: string;
  /** The user of the machine who runs it. */
  readonly user: string;
  /** Who acts, where a login does not say so. */
  readonly actor: string | null;
  /** The home of the embedded server; null where DATABASE_URL names one. */
  readonly embeddedHome: string | null;
  /** Holds DATABASE_URL and whatever else is nobody's to read; null for the embedded server. */
  readonly envFile: string | null;
}

export interface UnitFile {
  /** Where it goes. */
  readonly name: string;
  readonly content: string;
}

/** A wake that finds nothing due costs one query. */
const MINUTES = 5;
/** Long enough to finish a unit of work, and to post what was decided. */
const STOP_SECONDS = 90;

function environment({ embeddedHome, actor, programme }: Installation): [name: string, value: string][] {
  const found: [string, string | null][] = [
    ['REVSHARE_HOME', embeddedHome],
    ['REVSHARE_ACTOR', actor],
    ['REVSHARE_PROGRAMME', programme],
  ];
  return found.filter((pair): pair is [string, string] => pair[1] !== null);
}

// ── systemd ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * A service that wakes and its timer. For the embedded server one more: a server that a oneshot starts dies with the
 * oneshot's group, so it gets a unit of its own, which holds it.
 */
export function systemdUnits(installation: Installation): UnitFile[] {
  const { programme, user, embeddedHome, envFile, executable } = installation;
  const name = `revshare-${programme}`;
  const own = [
    `User=${systemdWord(user)}`,
    ...environment(installation).map(([key, value]) => `Environment=${systemdWord(`${key}=${value}`)}`),
    ...(envFile === null ? [] : [`EnvironmentFile=${envFile.replaceAll('%', '%%')}`]),
  ];
  const run = (words: string) => `${executable.map(systemdWord).join(' ')} ${words}`;
  const server = 'revshare-db.service';
  const service = [
    '[Unit]',
    `Description=revshare: what is due of programme ${programme}`,
    ...(embeddedHome === null
      ? ['Wants=network-online.target', 'After=network-online.target']
      : [`Requires=${server}`, `After=${server}`]),
    '',
    '[Service]',
    'Type=oneshot',
    ...own,
    `ExecStart=${run('job run-due')}`,
    `TimeoutStopSec=${STOP_SECONDS}`,
  ];
  const timer = [
    '[Unit]',
    `Description=wakes ${name}.service`,
    '',
    '[Timer]',
    `OnCalendar=*:0/${MINUTES}`,
    'Persistent=true',
    '',
    '[Install]',
    'WantedBy=timers.target',
  ];
  const database = [
    '[Unit]',
    'Description=revshare: the embedded database server',
    '',
    '[Service]',
    'Type=oneshot',
    'RemainAfterExit=yes',
    ...own,
    `ExecStart=${run('db start')}`,
    `ExecStop=${run('db stop')}`,
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ];
  return [
    unit(`/etc/systemd/system/${name}.service`, service),
    unit(`/etc/systemd/system/${name}.timer`, timer),
    ...(embeddedHome === null ? [] : [unit(`/etc/systemd/system/${server}`, database)]),
  ];
}

const unit = (name: string, lines: readonly string[]): UnitFile => ({ name, content: `${lines.join('\n')}\n` });

/** A word of a unit file: % begins a specifier there, and blanks end a word. */
function systemdWord(word: string): string {
  const escaped = word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%');
  return /[\s"'\\]/.test(word) ? `"${escaped}"` : escaped;
}

// ── cron ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A line for the user's crontab. It says something, and so is mailed, only where something was run or failed. */
export function cronLines(installation: Installation): UnitFile[] {
  const { programme, envFile, executable } = installation;
  const secrets = envFile === null ? '' : `set -a; . ${shellWord(envFile)}; `;
  const variables = environment(installation).map(([key, value]) => `${key}=${shellWord(value)}`);
  const command = [...variables, ...executable.map(shellWord), 'job run-due'].join(' ');
  // cron makes a line end of a %.
  const line = `*/${MINUTES} * * * * ${`${secrets}${command}`.replaceAll('%', '\\%')}`;
  return [unit('crontab', [`# revshare: what is due of programme ${programme}`, line])];
}

function shellWord(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

// ── Kubernetes ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A CronJob; DATABASE_URL comes from a secret. */
export function kubernetesManifest({ programme, actor }: Installation, image: string): UnitFile[] {
  // Names there are of letters, digits and hyphens.
  const name = `revshare-${programme.replaceAll('_', '-')}`;
  const manifest = `apiVersion: batch/v1
kind: CronJob
metadata:
  name: ${name}
spec:
  schedule: "*/${MINUTES} * * * *"
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      backoffLimit: 0
      template:
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: ${STOP_SECONDS}
          containers:
            - name: revshare
              image: ${JSON.stringify(image)}
              args: ["job", "run-due", "--programme", ${JSON.stringify(programme)}]
              env:
                - name: DATABASE_URL
                  valueFrom:
                    secretKeyRef:
                      name: ${name}
                      key: database-url
${actor === null ? '' : `                - name: REVSHARE_ACTOR\n                  value: ${JSON.stringify(actor)}\n`}`;
  return [{ name: `${name}.yaml`, content: manifest }];
}
