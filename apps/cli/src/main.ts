import { Command, CommanderError } from 'commander';
import { AppError } from '@keyward/runtime';
import type { BacktestArguments } from './commands/backtest.js';
import { writeDemo } from './commands/demo.js';
import type { DoctorOptions } from './commands/doctor.js';
import type { EvaluateArguments } from './commands/evaluate.js';
import type { ImportArguments, ImportLdapArguments } from './commands/import.js';
import { parse } from './commands/parse.js';
import { runMigrate, type MigrateOptions } from './commands/migrate.js';
import type { RebuildArguments } from './commands/rebuild.js';
import { runReplay, type ReplayArguments } from './commands/replay.js';
import type { StartOptions } from './start/start.js';
import { EXIT, complain } from './terminal.js';

const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 the command or its input can't be used, 3 a server it needs does not answer.`;

function program(setExitCode: (code: number) => void): Command {
  const keyward = new Command('keyward')
    .description(
      'Watches the people who hold the keys: scores what identity and privileged-access systems log, and takes risky grants back.',
    )
    .version('0.1.0')
    .addHelpText('after', EXIT_CODES)
    .exitOverride();

  keyward
    .command('start')
    .description('Everything on this machine: Kafka and ClickHouse (your own, or local ones), the line, the API and the dashboard')
    .option('-d, --data <folder>', 'where it keeps its data', '.keyward')
    .option('--demo', 'with the demo organisation; the default unless a Kafka, ClickHouse or policy of your own is named')
    .option('--no-demo', 'without it')
    .addHelpText(
      'after',
      `
KAFKA_BROKERS and CLICKHOUSE_URL name servers of your own; without them local ones are started. KEYWARD_HTTP_PORT is 8080 unless set.
All variables: docs/configuration.md. Ctrl-C stops everything; a second start finds its data again.`,
    )
    .action(async (options: StartOptions) => {
      // Only this command needs the servers and frameworks; the others start faster without them.
      const { start } = await import('./start/start.js');
      await start(options, process.env);
      // It has stopped in order. What was still coming up when it was told to is a child that ends with us: no waiting for it.
      process.exit(EXIT.ok);
    });

  keyward
    .command('migrate')
    .description('Brings the database of CLICKHOUSE_URL up to date')
    .option('--new-bus', 'what was learned goes on with another Kafka, or more partitions; stop all workers first (docs/adr/0017)')
    .action((options: MigrateOptions) => runMigrate(options, process.env));

  keyward
    .command('doctor')
    .description('Says how each part is: configuration, Kafka, ClickHouse, the decision log, what has not gone through. Changes nothing')
    .option(
      '-d, --data <folder>',
      'data folder of the "keyward start" to look at, where KAFKA_BROKERS and CLICKHOUSE_URL are not set',
      '.keyward',
    )
    .option('--json', 'one JSON object on standard output: {ok, checks: [{check, health, sentence, details}]}')
    .addHelpText(
      'after',
      `
Exit codes: 0 all is well or for a person to look at, 1 the decision log or a migration was changed, 2 the configuration or the schema can't be
used, 3 a server does not answer.`,
    )
    .action(async (options: DoctorOptions) => {
      const { runDoctor } = await import('./commands/doctor.js');
      setExitCode(await runDoctor(options, process.env));
    });

  keyward
    .command('parse')
    .description("One vendor's records to OCSF events, one JSON line each on standard output")
    .requiredOption('-s, --source <id>', 'which vendor wrote the records: okta, entra, cyberark ...')
    .argument('[file]', "NDJSON, a JSON array, the vendor's own envelope, or syslog lines; - is standard input", '-')
    .addHelpText(
      'after',
      `
Each line is the event in OCSF 1.8, {"ignored": reason} for a record that says nothing about access, or {"rejected": {code, message}}.
  keyward parse --source okta system-log.json | jq .class_name`,
    )
    .action((file: string, options: { source: string }) => parse(options.source, file));

  keyward
    .command('replay')
    .description('Scores histories offline, in event time over all inputs together; needs no Kafka and no ClickHouse')
    .requiredOption('-i, --input <source=file...>', 'a history; may be given several times')
    .option('-c, --context <folder>', 'the organisation: identities, assets, groups, roles, tickets (NDJSON) and sod.json')
    .requiredOption('-o, --out <folder>', 'where the results are written')
    .option(
      '-t, --threads <n>',
      'threads that read and score; 1 is none beside the main one. The results are the same (default: one for each core)',
    )
    .option('--verdicts <file>', 'what people said of events (NDJSON; docs/replay.md): scoring learns from it at its time')
    .addHelpText(
      'after',
      `
Writes assessments, sessions, findings, alerts, risk and grants (.ndjson) and summary.json. Inputs are streamed and may be in any order.
  keyward replay --input okta=okta.ndjson --input entra=signins.json --context ./organisation --out ./result`,
    )
    .action((options: ReplayArguments) => runReplay(options));

  keyward
    .command('evaluate')
    .description('Measures the scores on a labelled history beside published methods; writes a page with intervals and pictures')
    .option('--people <number>', 'of the generated organisation', '1000')
    .option('--days <number>', 'of its history; the first third is for learning', '60')
    .option('--seed <text>', 'another seed is another organisation', '1')
    .option('--resamples <number>', 'of the bootstrap over people', '200')
    .option('-o, --out <file>', 'the page; pictures go into images/ beside it', 'docs/evaluation.md')
    .option(
      '--history <folder>',
      'a labelled history of your own instead: CERT, LANL, RBA or Schonlau, as published (files may be gzipped)',
    )
    .option('--keep <folder>', 'keep the generated history and the results there')
    .option(
      '--drift <kinds>',
      'also a history in which much changes at once, a week each, for a section of its own: vpn, reorg, outage, holiday, with commas; all',
    )
    .option('--drift-alone', 'only that section')
    .addHelpText(
      'after',
      `
Quick: keyward evaluate --people 200 --days 30 --out quick.md
Drift: keyward evaluate --people 150 --days 42 --drift all --drift-alone --out drift.md`,
    )
    .action(async (options: EvaluateArguments) => {
      const { runEvaluate } = await import('./commands/evaluate.js');
      await runEvaluate(options);
    });

  keyward
    .command('backtest')
    .description('What a changed budget, detection, duty or response policy would have done with the stored history. Changes nothing')
    .option('--from <instant>', 'first day or instant, UTC: 2026-01-31 or 2026-01-31T12:00:00Z (default: 30 days before --to)')
    .option('--to <instant>', 'the day or instant at which it ends (default: now)')
    .option('--config <file>', 'the change (YAML or JSON): detections: {id: {parameter: value}}, sod: ..., policy: ...')
    .option('--budget <n>', 'alerts on behaviour per 1000 identities and day')
    .option('--set <detection.parameter=value...>', 'a parameter as in KEYWARD_DETECTIONS_FILE; may be given several times')
    .option('--sod <file>', 'another sod.json')
    .option('--policy <file>', 'another response policy')
    .option('--warm-up-days <n>', 'days of events that detections are given before --from (default: all that are stored)')
    .option('-d, --data <folder>', 'data folder of the "keyward start" to look at, where CLICKHOUSE_URL is not set', '.keyward')
    .option('--json', 'JSON instead of Markdown')
    .option('-o, --out <file>', 'write the report there instead of to standard output')
    .option('--exit-code', 'exit with 1 when an alert appears or disappears')
    .addHelpText(
      'after',
      `
Compared with what is in force: KEYWARD_DETECTIONS_FILE, KEYWARD_POLICY_FILE, and the duties that were imported.
  keyward backtest --from 2026-01-01 --to 2026-02-01 --budget 10
  keyward backtest --set impossible_travel.minDistanceKm=700 --json`,
    )
    .action(async (options: BacktestArguments) => {
      const { runBacktestCommand } = await import('./commands/backtest.js');
      setExitCode(await runBacktestCommand(options, process.env));
    });

  keyward
    .command('rebuild')
    .description('Makes profiles, snapshots and scores anew from the stored history, and says whether they equal what is stored')
    .option('--check', 'compare only, beside running workers if need be; the default')
    .option('--write', 'put what was made in place when it differs; ASSESS must be stopped, Kafka keeps what comes meanwhile')
    .option('--accept-loss', 'write also when a part of what was learned from is not stored any more')
    .option('--workers-stopped', 'no worker runs, and there is no KAFKA_BROKERS to ask')
    .option('-d, --data <folder>', 'data folder of "keyward start", where CLICKHOUSE_URL is not set', '.keyward')
    .option('--json', 'the result as one JSON object on standard output')
    .addHelpText(
      'after',
      `
Nobody is alerted and nothing is revoked; findings, alerts and what people decided stay as they are (docs/adr/0025). Takes room in ClickHouse for as
much again as the events take; --write for twice as much.
Exit codes: 0 equal, or written; 1 differs; 2 can't be done like this; 3 a server does not answer.`,
    )
    .action(async (options: RebuildArguments) => {
      const { runRebuild } = await import('./commands/rebuild.js');
      setExitCode(await runRebuild(options, process.env));
    });

  const imports = keyward
    .command('import')
    .description(
      'Brings the organisation into the running service: identities, accounts, groups, assets, roles, tickets; or a directory (ldap)',
    );
  imports
    .command('file', { isDefault: true })
    .description('One list, NDJSON or CSV (.csv); replaces what was there, or, when a line is wrong, nothing')
    .argument('<what>', 'identities, accounts, groups, assets, roles or tickets')
    .argument('<file>', 'CSV when its name ends so, else NDJSON; - is standard input')
    .option('--system <name>', 'of accounts and groups: replace only those of this system, e.g. okta')
    .option('--column <header=field...>', 'of CSV: where a column goes; an empty field leaves it out')
    .option('--dry-run', 'say what would change, and change nothing')
    .option('--force', 'also when more than half of the accounts would be closed')
    .option('-d, --data <folder>', 'data folder of "keyward start", where CLICKHOUSE_URL is not set', '.keyward')
    .option('--json', 'the result as one JSON object on standard output')
    .action(async (what: string, file: string, options: ImportArguments) => {
      const { runImport } = await import('./commands/import.js');
      setExitCode(await runImport(what, file, options, process.env));
    });
  imports
    .command('ldap')
    .description('People, accounts and groups of an LDAP directory (libs/adapters/directory/README.md shows a configuration)')
    .argument('<config>', 'YAML or JSON: url, bindDn, preset, base ...; the password stands in the environment')
    .option('-o, --out <folder>', 'write a context folder for keyward replay instead of importing')
    .option('--dry-run', 'say what would change, and change nothing')
    .option('--force', 'also when more than half of the accounts would be closed')
    .option('-d, --data <folder>', 'data folder of "keyward start", where CLICKHOUSE_URL is not set', '.keyward')
    .option('--json', 'the result as one JSON object on standard output')
    .action(async (config: string, options: ImportLdapArguments) => {
      const { runImportLdap } = await import('./commands/import.js');
      setExitCode(await runImportLdap(config, options, process.env));
    });

  keyward
    .command('demo')
    .description("Writes the demo organisation and its thirty days in the vendors' own formats, ready for replay")
    .requiredOption('-o, --out <folder>', 'where the files are written')
    .option('--start <day>', 'first day of the history, e.g. 2026-01-05; default: so that it ends today')
    .action((options: { out: string; start?: string }) => writeDemo(options.out, options.start));

  return keyward;
}

function exitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof AppError) return error.disposition === 'retry' ? EXIT.unavailable : EXIT.usage;
  return EXIT.failed;
}

/** @returns the exit code */
export async function main(argv: readonly string[]): Promise<number> {
  // `keyward parse | head` is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed));
  try {
    let code: number = EXIT.ok;
    await program((found) => {
      code = found;
    }).parseAsync(argv);
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) complain(error);
    return exitCode(error);
  }
}
