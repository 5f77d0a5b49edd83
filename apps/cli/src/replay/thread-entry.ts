import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { DayReport, Report, Task, ThreadSetup } from './messages.js';
import { ThreadWork } from './thread-work.js';

if (!parentPort) throw new Error('this is the entry of a worker thread');
const main = parentPort;
// Both are what threads.ts hands over.
const { setup, others } = workerData as { readonly setup: ThreadSetup; readonly others: readonly MessagePort[] };

const work = new ThreadWork(setup, {
  others: others.length,
  report: (report: Report) => {
    const handedOver = report.kind === 'read' ? [report.events.bytes.buffer] : report.kind === 'scored' ? [report.rows.lines.buffer] : [];
    main.postMessage(report, handedOver);
  },
  tellOthers: (report: DayReport) => {
    for (const other of others) other.postMessage(report);
  },
});
for (const other of others)
  other.on('message', (report: DayReport) => {
    work.otherThread(report);
  });
main.on('message', (task: Task) => {
  work.handle(task);
});
