import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { calibrationChart, driftMarkdown, precisionRecallChart, recallChart, reportMarkdown, volumeChart } from '@keyward/evaluation';
import { DRIFT_KINDS, EVALUATION_VERSION, type DriftKind } from '@keyward/fixtures';
import { InvalidInputError } from '@keyward/runtime';
import { evaluateDrift, evaluateHistory, evaluateRecords, type EvaluateOptions } from '../evaluate/evaluate.js';
import { writeGeneratedHistory } from '../evaluate/generated-history.js';
import { openHistoryFolder } from '../evaluate/history-folder.js';
import { Progress, count, say } from '../terminal.js';

export interface EvaluateArguments {
  readonly people: string;
  readonly days: string;
  readonly seed: string;
  readonly out: string;
  readonly resamples: string;
  readonly keep?: string;
  readonly history?: string;
  readonly drift?: string;
  readonly driftAlone?: boolean;
}

/** First Monday of 2026: figures must not depend on the day on which they are made. */
const START = Date.UTC(2026, 0, 5);

/** `keyward evaluate`. @throws InvalidInputError for options and folders that can't be used */
export async function runEvaluate(args: EvaluateArguments): Promise<void> {
  const resamples = wholeNumber('--resamples', args.resamples, 20, 10_000);
  const progress = new Progress();
  const options = {
    resamples,
    onProgress: (text: string) => {
      progress.update(text);
    },
  };
  try {
    const kinds = driftKinds(args);
    const report =
      args.driftAlone === true
        ? undefined
        : args.history === undefined
          ? await onGenerated(args, options)
          : await onHistory(args.history, options);
    const drift = kinds.length === 0 ? undefined : await onDrift(args, kinds, options);
    progress.done();
    writeReport(args.out, report, drift);
    say(`${args.out} written`);
  } finally {
    progress.done();
  }
}

type Options = Omit<EvaluateOptions, 'description'>;
type Report = Awaited<ReturnType<typeof evaluateRecords>>;
type Drift = Awaited<ReturnType<typeof evaluateDrift>>;

function onGenerated(args: EvaluateArguments, options: Options): Promise<Report> {
  return withGenerated(args, [], options, ({ history, folder, command }) => {
    const sources = history.inputs.map(({ source }) => source).join(', ');
    const description = [
      `Made by \`${command}${driftKinds(args).length > 0 ? ` --drift ${args.drift}` : ''}\`: generator \`${EVALUATION_VERSION}\` (fixtures/src/evaluation), ${count(history.records)} records of ${sources}.`,
    ];
    return evaluateRecords(history, join(folder, 'result'), { ...options, description });
  });
}

function onDrift(args: EvaluateArguments, kinds: readonly DriftKind[], options: Options): Promise<Drift> {
  return withGenerated(args, kinds, options, ({ history, folder, command }) => {
    const description = [
      `The same organisation once more, with a week each in which much changes for many people though nobody does anything wrong (\`${command} --drift ${kinds.join(',')} --drift-alone\`): ${count(history.records)} records.`,
    ];
    return evaluateDrift(history, join(folder, 'result'), { ...options, description });
  });
}

interface Written {
  readonly history: Awaited<ReturnType<typeof writeGeneratedHistory>>;
  readonly folder: string;
  /** That makes the history again. */
  readonly command: string;
}

/** Writes a generated history, and removes it again unless it is to be kept: with drift in a folder inside, so that both can be. */
async function withGenerated<T>(
  args: EvaluateArguments,
  drift: readonly DriftKind[],
  options: Options,
  use: (written: Written) => Promise<T>,
): Promise<T> {
  const people = wholeNumber('--people', args.people, 60, 4_000);
  const days = wholeNumber('--days', args.days, 12, 365);
  const kept = args.keep !== undefined && drift.length > 0 ? join(args.keep, 'drift') : args.keep;
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'keyward-evaluate-'));
  try {
    const history = await writeGeneratedHistory(folder, { people, days, seed: args.seed, start: START, drift }, (records) => {
      options.onProgress(`written ${count(records)} records`);
    });
    return await use({ history, folder, command: `keyward evaluate --people ${people} --days ${days} --seed ${args.seed}` });
  } finally {
    if (kept === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** @throws InvalidInputError `evaluate.option` for what is no kind of drift, and where there is nothing to do */
function driftKinds({ drift, driftAlone, history }: EvaluateArguments): readonly DriftKind[] {
  if (drift === undefined) {
    if (driftAlone === true) throw new InvalidInputError('evaluate.option', '--drift-alone needs --drift');
    return [];
  }
  if (history !== undefined) throw new InvalidInputError('evaluate.option', '--drift is for the generated organisation, not for --history');
  const names = drift.split(',').map((name) => name.trim());
  if (names.includes('all')) return DRIFT_KINDS;
  const unknown = names.find((name) => !DRIFT_KINDS.some((kind) => kind === name));
  if (unknown !== undefined)
    throw new InvalidInputError('evaluate.option', `--drift takes ${DRIFT_KINDS.join(', ')} or all, not ${unknown}`);
  return DRIFT_KINDS.filter((kind) => names.includes(kind));
}

async function onHistory(folder: string, options: Options): Promise<Report> {
  const history = openHistoryFolder(folder);
  const { title, reference } = history.format;
  const description = [
    `Made by \`keyward evaluate --history\` on a copy of ${title} (${reference}). The behaviour model alone: the records are no vendor's, so rules and context have no part.`,
  ];
  return evaluateHistory(history, { ...options, description });
}

function writeReport(out: string, report: Report | undefined, drift: Drift | undefined): void {
  const folder = dirname(out);
  const name = basename(out).replace(/\.md$/, '');
  mkdirSync(join(folder, 'images'), { recursive: true });
  const picture = (kind: string, svg: string): string => {
    const file = `images/${name}-${kind}.svg`;
    writeFileSync(join(folder, file), svg);
    return file;
  };
  const section = drift && driftMarkdown(drift, picture('drift', volumeChart(drift)));
  if (!report) {
    writeFileSync(out, `# Evaluation\n\n${section ?? ''}`);
    return;
  }
  const pictures = {
    precisionRecall: picture('precision-recall', precisionRecallChart(report.measured)),
    recall: picture('recall', recallChart(report.measured)),
    calibration: picture('calibration', calibrationChart(report.calibration)),
  };
  writeFileSync(out, reportMarkdown(report, pictures, section));
}

function wholeNumber(option: string, text: string, least: number, greatest: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= greatest) return value;
  throw new InvalidInputError('evaluate.option', `${option} takes a whole number from ${least} to ${greatest}, not ${text}`);
}
