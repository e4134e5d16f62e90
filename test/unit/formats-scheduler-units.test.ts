import { expect, it } from 'vitest';
import { cronLines, kubernetesManifest, systemdUnits, type Installation } from '../../src/formats/scheduler-units.ts';

const executable = ['/usr/bin/node', '/opt/revshare/bin/revshare.js'];
const embedded: Installation = {
  ...{ executable, programme: 'main', user: 'ana', actor: 'ana' },
  ...{ embeddedHome: '/home/ana/my books', envFile: null },
};
const server: Installation = {
  ...{ executable, programme: 'emea_2', user: 'revshare', actor: null },
  ...{ embeddedHome: null, envFile: '/etc/revshare/emea_2.env' },
};

it('systemd: a service that wakes and its timer; what is secret comes from a file', () => {
  expect(systemdUnits(server)).toEqual([
    {
      name: '/etc/systemd/system/revshare-emea_2.service',
      content: `[Unit]
Description=revshare: what is due of programme emea_2
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
User=revshare
Environment=REVSHARE_PROGRAMME=emea_2
EnvironmentFile=/etc/revshare/emea_2.env
ExecStart=/usr/bin/node /opt/revshare/bin/revshare.js job run-due
TimeoutStopSec=90
`,
    },
    {
      name: '/etc/systemd/system/revshare-emea_2.timer',
      content: `[Unit]
Description=wakes revshare-emea_2.service

[Timer]
OnCalendar=*:0/5
Persistent=true

[Install]
WantedBy=timers.target
`,
    },
  ]);
});

it('systemd: the embedded server has a unit of its own, without which nothing is woken', () => {
  const [service, timer, database] = systemdUnits(embedded);
  expect(service!.content).toContain('Requires=revshare-db.service\nAfter=revshare-db.service\n');
  expect(service!.content).toContain(
    'Environment="REVSHARE_HOME=/home/ana/my books"\nEnvironment=REVSHARE_ACTOR=ana\n',
  );
  expect(timer!.content).not.toContain('REVSHARE_HOME');
  expect(database).toEqual({
    name: '/etc/systemd/system/revshare-db.service',
    content: `[Unit]
Description=revshare: the embedded database server

[Service]
Type=oneshot
RemainAfterExit=yes
User=ana
Environment="REVSHARE_HOME=/home/ana/my books"
Environment=REVSHARE_ACTOR=ana
Environment=REVSHARE_PROGRAMME=main
ExecStart=/usr/bin/node /opt/revshare/bin/revshare.js db start
ExecStop=/usr/bin/node /opt/revshare/bin/revshare.js db stop

[Install]
WantedBy=multi-user.target
`,
  });
});

it('words that mean something to systemd, to cron or to a shell are written so that they do not', () => {
  const odd = { ...embedded, embeddedHome: `/books/50% of "it's"` };
  expect(systemdUnits(odd)[0]!.content).toContain(String.raw`Environment="REVSHARE_HOME=/books/50%% of \"it's\""`);
  expect(cronLines(odd)[0]!.content).toContain(String.raw`REVSHARE_HOME='/books/50\% of "it'\''s"' `);
});

it('cron: one line, which reads its secrets from a file', () => {
  expect(cronLines(server)).toEqual([
    {
      name: 'crontab',
      content: `# revshare: what is due of programme emea_2
*/5 * * * * set -a; . /etc/revshare/emea_2.env; REVSHARE_PROGRAMME=emea_2 /usr/bin/node /opt/revshare/bin/revshare.js job run-due
`,
    },
  ]);
});

it('kubernetes: a CronJob that runs once at a time, by a name that may be one there', () => {
  expect(kubernetesManifest(server, 'ledger.example/revshare:0.1.0')).toEqual([
    {
      name: 'revshare-emea-2.yaml',
      content: `apiVersion: batch/v1
kind: CronJob
metadata:
  name: revshare-emea-2
spec:
  schedule: "*/5 * * * *"
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      backoffLimit: 0
      template:
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: 90
          containers:
            - name: revshare
              image: "ledger.example/revshare:0.1.0"
              args: ["job", "run-due", "--programme", "emea_2"]
              env:
                - name: DATABASE_URL
                  valueFrom:
                    secretKeyRef:
                      name: revshare-emea-2
                      key: database-url
`,
    },
  ]);
});
