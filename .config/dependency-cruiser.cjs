// The arrows of the house (DESIGN, Rooms): bin → app, jobs → cli, runner → services → db, rails, files, secrets, mail →
// formats → domain. Anything not listed is forbidden.
const room = (name) => `^src/${name}/`;
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    forbid('no-circles', 'a circle has no direction', {}, { circular: true }),
    forbid(
      'domain-is-pure',
      'domain knows nobody but two libraries of numbers and dates',
      { path: room('domain') },
      { path: '^(src/(?!domain/)|jobs/|bin/)' },
    ),
    forbid('domain-no-io', 'domain does no I/O', { path: room('domain') }, { dependencyTypes: ['core'] }),
    forbid(
      'formats-below',
      'formats read and write files of others, over domain only',
      { path: room('formats') },
      { path: '^src/(?!domain/|formats/)' },
    ),
    forbid(
      'db-below-services',
      'db serves, it does not ask',
      { path: room('db') },
      { path: '^src/(services|runner|cli|app)' },
    ),
    forbid(
      'services-below-runner',
      'services know neither their callers nor a terminal',
      { path: room('services') },
      { path: '^src/(runner|cli|app)' },
    ),
    forbid('runner-below-cli', 'the runner knows no terminal', { path: room('runner') }, { path: '^src/(cli|app)' }),
    forbid('cli-never-db', 'a command asks a service', { path: room('cli') }, { path: '^src/(db/|app)' }),
    forbid('src-never-jobs', 'bin hands the jobs in', { path: '^src/' }, { path: '^(jobs|bin)/' }),
    forbid('jobs-use-services', 'a job is a service with a date', { path: '^jobs/' }, { path: '^src/(cli|db|app)' }),
    forbid(
      'app-for-the-top',
      'only bin, jobs and tests build a context',
      { path: '^src/(?!app\\.ts)' },
      { path: '^src/app\\.ts' },
    ),
    forbid(
      'nouns-apart',
      'one noun’s commands never import another’s',
      { path: '^src/cli/commands/([^/]+)/' },
      { path: '^src/cli/commands/', pathNot: '^src/cli/commands/$1/' },
    ),
    forbid(
      'postgres-home',
      'postgres and drizzle live in src/db',
      { path: '^(src|jobs|bin)/', pathNot: '^src/db/' },
      { path: '^node_modules/(postgres|drizzle-orm)/' },
    ),
    forbid(
      'terminal-home',
      'commander, inquirer, tables and bars live in src/cli',
      { path: '^(src|jobs|bin)/', pathNot: '^src/cli/' },
      { path: '^node_modules/(commander|@commander-js|inquirer|@inquirer|cli-table3|cli-progress)/' },
    ),
    forbid(
      'format-home',
      'pdfkit, csv and ZIP live in src/formats',
      { path: '^(src|jobs|bin)/', pathNot: '^src/formats/' },
      { path: '^node_modules/(pdfkit|csv-stringify|csv-parse|fflate)/' },
    ),
    forbid(
      'provider-home',
      'the SDKs of providers live in src/rails',
      { path: '^(src|jobs|bin)/', pathNot: '^src/rails/' },
      { path: '^node_modules/stripe/' },
    ),
    forbid(
      'mail-home',
      'nodemailer lives in src/mail',
      { path: '^(src|jobs|bin)/', pathNot: '^src/mail/' },
      { path: '^node_modules/nodemailer/' },
    ),
    forbid(
      'cron-home',
      'node-cron and pino live in src/runner',
      { path: '^(src|jobs|bin)/', pathNot: '^src/runner/' },
      { path: '^node_modules/(node-cron|pino)/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.mts', '.js', '.json'],
    },
  },
};
