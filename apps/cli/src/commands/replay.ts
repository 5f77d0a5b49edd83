import { createGeoLookup } from '@keyward/adapter-geo';
import { InvalidInputError } from '@keyward/runtime';
import { readOrganisationFolder } from '../organisation-folder.js';
import { replay, type ReplayOptions } from '../replay/replay.js';
import { readVerdicts } from '../replay/verdict-file.js';
import { Progress, count, say } from '../terminal.js';
import { sourceOf } from './parse.js';

export interface ReplayArguments {
  readonly input: readonly string[];
  readonly context?: string;
  readonly out: string;
  readonly threads?: string;
  readonly verdicts?: string;
}

/** `keyward replay`. @throws InvalidInputError for arguments and inputs that can't be used */
export async function runReplay(args: ReplayArguments): Promise<void> {
  const inputs = args.input.map(inputOf);
  const { organisation, sod, warnings } = readOrganisationFolder(args.context);
  for (const warning of warnings.slice(0, 20)) say(`warning: ${warning}`);
  if (warnings.length > 20) say(`warning: and ${warnings.length - 20} more`);
  const verdicts = args.verdicts === undefined ? undefined : readVerdicts(args.verdicts);
  const progress = new Progress();
  const summary = await replay({
    inputs,
    organisation,
    sod,
    geo: createGeoLookup(),
    out: args.out,
    verdicts,
    threads: args.threads === undefined ? undefined : threadsOf(args.threads),
    onProgress: (phase, events) => {
      progress.update(`${phase} ${count(events)} events`);
    },
  });
  progress.done();
  for (const [source, { records, kept, ignored, rejected }] of Object.entries(summary.sources)) {
    say(`${source}: ${count(records)} records, ${count(kept)} kept, ${count(ignored)} ignored, ${count(rejected)} rejected`);
  }
  const { given = 0, unheeded = [] } = summary.verdicts ?? {};
  if (given > 0) say(`${count(given)} verdicts, ${count(given - unheeded.length)} heeded`);
  for (const uid of unheeded.slice(0, 20))
    say(`warning: verdict ${uid} is about no event that was scored before it, or nothing came after it`);
  say(`${args.out} written in ${summary.seconds} s`);
}

function inputOf(argument: string): ReplayOptions['inputs'][number] {
  const separator = argument.indexOf('=');
  if (separator < 1) throw new InvalidInputError('input.form', `--input takes <source>=<file>, not ${argument}`);
  return { source: sourceOf(argument.slice(0, separator)), file: argument.slice(separator + 1) };
}

const MOST_THREADS = 64;

function threadsOf(argument: string): number {
  const threads = Number(argument);
  if (Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS) return threads;
  throw new InvalidInputError('threads.form', `--threads takes a whole number from 1 to ${MOST_THREADS}, not ${argument}`);
}
