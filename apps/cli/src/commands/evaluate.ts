import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { calibrationChart, precisionRecallChart, recallChart, reportMarkdown } from '@keyward/evaluation';
import { EVALUATION_VERSION } from '@keyward/fixtures';
import { InvalidInputError } from '@keyward/runtime';
import { evaluateHistory, evaluateRecords, type EvaluateOptions } from '../evaluate/evaluate.js';
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
    const report = args.history === undefined ? await onGenerated(args, options) : await onHistory(args.history, options);
    progress.done();
    writeReport(args.out, report);
    say(`${args.out} written`);
  } finally {
    progress.done();
  }
}

type Options = Omit<EvaluateOptions, 'description'>;
type Report = Awaited<ReturnType<typeof evaluateRecords>>;

async function onGenerated(args: EvaluateArguments, options: Options): Promise<Report> {
  const people = wholeNumber('--people', args.people, 60, 4_000);
  const days = wholeNumber('--days', args.days, 12, 365);
  const folder = args.keep ?? mkdtempSync(join(tmpdir(), 'keyward-evaluate-'));
  try {
    const generated = await writeGeneratedHistory(folder, { people, days, seed: args.seed, start: START }, (records) => {
      options.onProgress(`written ${count(records)} records`);
    });
    const sources = generated.inputs.map(({ source }) => source).join(', ');
    const description = [
      `Made by \`keyward evaluate --people ${people} --days ${days} --seed ${args.seed}\`: generator \`${EVALUATION_VERSION}\` (fixtures/src/evaluation), ${count(generated.records)} records of ${sources}.`,
    ];
    return await evaluateRecords(generated, join(folder, 'result'), { ...options, description });
  } finally {
    if (args.keep === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

async function onHistory(folder: string, options: Options): Promise<Report> {
  const history = openHistoryFolder(folder);
  const { title, reference } = history.format;
  const description = [
    `Made by \`keyward evaluate --history\` on a copy of ${title} (${reference}). The behaviour model alone: the records are no vendor's, so rules and context have no part.`,
  ];
  return evaluateHistory(history, { ...options, description });
}

function writeReport(out: string, report: Report): void {
  const folder = dirname(out);
  const name = basename(out).replace(/\.md$/, '');
  mkdirSync(join(folder, 'images'), { recursive: true });
  const picture = (kind: string, svg: string): string => {
    const file = `images/${name}-${kind}.svg`;
    writeFileSync(join(folder, file), svg);
    return file;
  };
  const pictures = {
    precisionRecall: picture('precision-recall', precisionRecallChart(report.measured)),
    recall: picture('recall', recallChart(report.measured)),
    calibration: picture('calibration', calibrationChart(report.calibration)),
  };
  writeFileSync(out, reportMarkdown(report, pictures));
}

function wholeNumber(option: string, text: string, least: number, greatest: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= greatest) return value;
  throw new InvalidInputError('evaluate.option', `${option} takes a whole number from ${least} to ${greatest}, not ${text}`);
}
